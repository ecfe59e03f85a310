import type { ClientChannel } from 'ssh2';
import type { Link } from './link.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';

/** The terminal on a channel. Called within ssh2's own callback, so that nothing of it is missed. */
export function terminalOf(
  channel: ClientChannel,
  link: Pick<Link, 'isGone' | 'lostError'>,
  { onOutput, onEnd }: TerminalOptions,
): Terminal {
  let exitCode: number | null = null;
  let isOver = false;
  channel.on('data', (bytes: Buffer) => onOutput(bytes));
  // With a terminal sshd sends everything on one stream; a forced command may still write on the other.
  channel.stderr.on('data', (bytes: Buffer) => onOutput(bytes));
  channel.on('exit', (code: number | null) => {
    exitCode = code;
  });
  channel.on('error', () => undefined);
  channel.on('close', () => {
    if (isOver) return;
    isOver = true;
    onEnd({ exitCode, lost: link.isGone ? link.lostError('a terminal', exitCode) : undefined });
  });
  return {
    write: (bytes) => void (isOver || channel.write(bytes)),
    resize: ({ columns, rows }) => {
      if (!isOver) channel.setWindow(rows, columns, 0, 0);
    },
    close: () => {
      if (!isOver) channel.close();
    },
  };
}
