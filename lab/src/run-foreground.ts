import { spawn } from 'node:child_process';

import { LabError } from './errors.ts';
import { exitCodeOf, spawnOptions, splitArgv } from './run-command.ts';

const forwarded = ['SIGTERM', 'SIGHUP'] as const;

/** Runs a command on this process's own terminal or pipes and returns its exit code; signals reach it too. */
export function runForeground(argv: readonly string[], options: { cwd?: string } = {}): Promise<number> {
  const [program, args] = splitArgv(argv);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...spawnOptions(options), stdio: 'inherit' });
    // The terminal sends Ctrl-C to both; the command decides, and its code becomes ours.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore);
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of forwarded) process.on(signal, forward);
    const end = (): void => {
      process.off('SIGINT', ignore);
      for (const signal of forwarded) process.off(signal, forward);
    };
    child.on('error', (cause) => {
      end();
      reject(new LabError(`cannot start ${program}: ${cause.message}`, { cause }));
    });
    child.on('exit', (code, signal) => {
      end();
      resolve(exitCodeOf(code, signal));
    });
  });
}
