import type { ArtifactReference, EnsureEnvironment } from '@muster/api/agent';
import type { BuildUser } from './build-user.ts';

/** What a build has to work with. */
export type BuildParts = {
  readonly task: EnsureEnvironment;
  /** Where the environment goes: there, empty, and of the build's user. It is the path it will always have. */
  readonly prefix: string;
  /** An empty folder of the build's user for everything that is not kept. */
  readonly work: string;
  /** Paths of the artifacts, fetched and compared. */
  readonly fileOf: (artifact: ArtifactReference) => string;
  readonly user: BuildUser;
  /** Starts this program again, as `[node, main.js]`, for the part that unpacks. */
  readonly program: readonly [string, ...string[]];
  readonly signal: AbortSignal;
};

/** The path of every program of a build. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables of every program of a build: none of this process's own, and nothing of anybody's home. */
export function buildEnvironment(work: string, path = systemPath): Record<string, string> {
  return {
    PATH: path,
    HOME: work,
    TMPDIR: work,
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    PYTHONNOUSERSITE: '1',
    PIP_CONFIG_FILE: '/dev/null',
  };
}
