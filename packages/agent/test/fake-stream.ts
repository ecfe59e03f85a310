import type { StreamedProgram, StreamHandlers, StreamProgram } from '../src/journal/stream-program.ts';

/** A program that a test prints for. */
export type FakeRun = StreamedProgram & {
  readonly argv: readonly string[];
  print(text: string | Buffer): void;
  end(failure?: string): void;
  readonly state: { isPaused: boolean; isStopped: boolean };
};

/** Programs that only a test makes speak: it holds each as it was started. */
export class FakeStreams {
  readonly runs: FakeRun[] = [];

  readonly stream: StreamProgram = (argv, handlers: StreamHandlers) => {
    const state = { isPaused: false, isStopped: false };
    const run: FakeRun = {
      argv,
      state,
      print: (text) => {
        if (!state.isStopped) handlers.onOutput(Buffer.from(text));
      },
      end: (failure) => {
        if (!state.isStopped) handlers.onEnd(failure);
      },
      pause: () => void (state.isPaused = true),
      resume: () => void (state.isPaused = false),
      stop: () => void (state.isStopped = true),
    };
    this.runs.push(run);
    return run;
  };

  /** The one that was started last. */
  get last(): FakeRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('no program was started');
    return run;
  }
}

/** An entry as `journalctl --output=json` prints it. */
export const printed = (message: unknown, number = 1, rest: Record<string, unknown> = {}): string =>
  `${JSON.stringify({
    __CURSOR: `c${number}`,
    __REALTIME_TIMESTAMP: `176722560000000${number % 10}`,
    SYSLOG_IDENTIFIER: 'sshd',
    _PID: '7',
    MESSAGE: message,
    ...rest,
  })}\n`;
