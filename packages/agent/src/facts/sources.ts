import { readFile } from 'node:fs/promises';
import { createRunner, type RunProgram } from '../run-program.ts';

/** Where facts are read from; tests put fixtures here. */
export type FactSources = {
  /** The text of a file, undefined when it cannot be read. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly run: RunProgram;
};

/** The machine itself. */
export function machineSources(): FactSources {
  return { read: (path) => readFile(path, 'utf8').catch(() => undefined), run: createRunner() };
}
