import { spawn } from 'node:child_process';
import { messageOf, systemCodeOf } from '../agent-error.ts';
import { programEnvironment } from '../run-program.ts';

/** What is heard of a program while it runs. `onEnd` comes once, at last: why it ended, in words, or undefined for a success. */
export type StreamHandlers = {
  readonly onOutput: (chunk: Buffer) => void;
  readonly onEnd: (failure: string | undefined) => void;
};

/** A program that runs and is read as it goes. */
export type StreamedProgram = {
  /** Stops reading, and with it, once the pipe is full, the program. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it; nothing is heard of it any more. */
  readonly stop: () => void;
};

/** Starts a local program with an argument array, never through a shell, and reads what it prints. Never throws. */
export type StreamProgram = (argv: readonly [string, ...string[]], handlers: StreamHandlers) => StreamedProgram;

const maxStderrCharacters = 2000;
/** How long it may take a program to end that was asked to. */
const patienceMs = 2000;

/** The real thing. */
export const streamProgram: StreamProgram = ([command, ...args], { onOutput, onEnd }) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: programEnvironment });
  let stderr = '';
  let isOver = false;
  const end = (failure: string | undefined): void => {
    if (isOver) return;
    isOver = true;
    onEnd(failure);
  };
  child.stdout.on('data', (chunk: Buffer) => {
    if (!isOver) onOutput(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrCharacters);
  });
  child.once('error', (error) => end(systemCodeOf(error) === 'ENOENT' ? `there is no ${command} on this machine` : messageOf(error)));
  child.once('close', (code, signal) =>
    end(code === 0 ? undefined : `${command} ended with ${code ?? signal ?? 'nothing'}: ${messageOf(stderr)}`),
  );
  return {
    pause: () => void child.stdout.pause(),
    resume: () => void child.stdout.resume(),
    stop: () => {
      isOver = true;
      child.stdout.destroy();
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), patienceMs).unref();
    },
  };
};
