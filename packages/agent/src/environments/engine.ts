import type { BuildUser } from './build/build-user.ts';
import type { EnvironmentPaths } from './disk/environment-paths.ts';
import type { FindUsers } from './disk/processes.ts';
import type { FetchParts } from './fetch/fetch-artifact.ts';

/** The steps of a task, in their order; what is done between two of them may be cut off anywhere. */
export type EngineStep = 'begin' | 'fetch' | 'build' | 'own' | 'record' | 'switch' | 'sweep';

/** What the engine works with. */
export type EngineParts = {
  readonly paths: EnvironmentPaths;
  /** How artifacts are fetched. */
  readonly fetch: Omit<FetchParts, 'paths' | 'signal'>;
  readonly user: BuildUser;
  readonly program: readonly [string, ...string[]];
  readonly signal: AbortSignal;
  readonly findUsers: FindUsers;
  /** Told at the beginning of each step, with a few words on it. */
  readonly onStep: (step: EngineStep, detail: string) => void;
  /** Makes sure that a folder with all it holds is on the disk. */
  readonly sync: (folder: string) => Promise<void>;
  /** Folders in which conda is looked for, where it is not the usual ones. */
  readonly condaPlaces?: readonly string[];
};

/** What a task gives back: a sentence, and its output. */
export type EngineAnswer = { readonly message: string; readonly output: string };
