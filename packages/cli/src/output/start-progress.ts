import { styleText } from 'node:util';

/** Says on standard error how a start proceeds; silent where nobody reads (systemd has the log). */
export type StartProgress = {
  step(name: string): void;
  ready(): void;
  failed(): void;
  say(line: string): void;
};

export function startProgress(shown: boolean): StartProgress {
  const stream = process.stderr;
  const startedMs = performance.now();
  const live = shown && stream.isTTY;
  let current: { name: string; atMs: number } | undefined;
  const close = (mark: string, colour: 'green' | 'red') => {
    if (current === undefined || !shown) return;
    const line = `${styleText(colour, mark, { stream })} ${current.name} ${styleText('gray', seconds(performance.now() - current.atMs), { stream })}`;
    stream.write(live ? `\r\u001B[K${line}\n` : `${line}\n`);
    current = undefined;
  };
  return {
    step: (name) => {
      close('✔', 'green');
      current = { name, atMs: performance.now() };
      if (live) stream.write(`… ${name}`);
    },
    ready: () => {
      close('✔', 'green');
      if (shown)
        stream.write(
          `${styleText('green', '✔', { stream })} server up ${styleText('gray', seconds(performance.now() - startedMs), { stream })}\n`,
        );
    },
    failed: () => close('✘', 'red'),
    say: (line) => {
      if (shown) stream.write(`${line}\n`);
    },
  };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
