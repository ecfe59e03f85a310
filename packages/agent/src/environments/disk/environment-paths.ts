import { join } from 'node:path';

/** Where environments lie on this host. All of it is world-readable, and written only by the process that builds. */
export type EnvironmentPaths = {
  /** `/var/lib/muster-environments` unless the configuration says otherwise. */
  readonly root: string;
  /** The folder of one environment. */
  readonly environment: (name: string) => string;
  /** The link to the version in use: the path that jobs name. */
  readonly current: (name: string) => string;
  /** What a finished version is known by: written last. */
  readonly record: (name: string, folder: string) => string;
  /** One version. Its path never changes: programs inside are written for it. */
  readonly version: (name: string, folder: string) => string;
  /** Artifacts by their SHA-256, shared by all environments. */
  readonly cache: string;
  /** What only lasts as long as one build. */
  readonly work: string;
  /** Other paths that lead to the root, by which processes may name it. */
  readonly otherWays: readonly string[];
  /** What is being removed: renamed to here in one step, then emptied. */
  readonly trash: string;
};

export const defaultEnvironmentsDir = '/var/lib/muster-environments';

/** A path in /opt that is the same on every node, whatever `environmentsDir` says: a link to that. */
export const stablePath = '/opt/muster-environments';

/** Names of the server's own making that begin with a dot can be no environment's. */
export function environmentPaths(root: string, otherWays: readonly string[] = []): EnvironmentPaths {
  const environment = (name: string): string => join(root, name);
  return {
    root,
    environment,
    current: (name) => join(environment(name), 'current'),
    record: (name, folder) => join(environment(name), `${folder}.json`),
    version: (name, folder) => join(environment(name), folder),
    cache: join(root, '.cache'),
    work: join(root, '.work'),
    trash: join(root, '.trash'),
    otherWays,
  };
}
