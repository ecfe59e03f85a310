import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EnvironmentError } from '../environment-error.ts';
import { type BuildParts, buildEnvironment, systemPath } from './build.ts';
import { runOrFail } from './run-step.ts';

/** Where the programs usually are when they are not in the path; the fastest first. */
const folders = [
  ...systemPath.split(':'),
  '/opt/micromamba/bin',
  '/opt/mambaforge/bin',
  '/opt/miniforge3/bin',
  '/opt/miniforge/bin',
  '/opt/miniconda3/bin',
  '/opt/miniconda/bin',
  '/opt/anaconda3/bin',
  '/opt/conda/bin',
];
const programs = ['micromamba', 'mamba', 'conda'] as const;

/** The conda program of this node. @throws EnvironmentError where there is none */
async function findConda(places: readonly string[] = folders): Promise<string> {
  for (const program of programs) {
    for (const folder of places) {
      const path = join(folder, program);
      if (await isExecutable(path)) return path;
    }
  }
  throw new EnvironmentError(
    'definition',
    `There is no ${programs.join(', ')} on the node (looked in ${places.join(', ')}). Install one of them, or pack the environment with conda-pack and create it as an archive.`,
  );
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Lets the node's own conda make the environment, from the channels that are configured for it. @throws EnvironmentError */
export async function buildConda(parts: BuildParts, places?: readonly string[]): Promise<void> {
  const { task, prefix, work, user, signal } = parts;
  if (task.recipe.kind !== 'conda') throw new EnvironmentError('definition', 'The recipe is not of conda.');
  const conda = await findConda(places);
  const file = join(work, 'environment.yml');
  await writeFile(file, task.recipe.environmentYml, { mode: 0o644 });
  const packages = join(work, 'pkgs');
  await mkdir(packages, { mode: 0o755 });
  const environment = {
    ...buildEnvironment(work),
    ...proxies(),
    CONDA_PKGS_DIRS: packages,
    CONDA_ENVS_PATH: join(work, 'envs'),
    MAMBA_ROOT_PREFIX: join(work, 'root'),
    CI: 'true',
  };
  await runOrFail({ argv: [conda, ...argumentsOf(conda, prefix, file)], cwd: work, environment, user, signal }, basename(conda));
}

/** micromamba does with `create` what the others do with `env create`. */
const argumentsOf = (conda: string, prefix: string, file: string): string[] =>
  basename(conda) === 'micromamba'
    ? ['create', '--yes', '--prefix', prefix, '--file', file]
    : ['env', 'create', '--yes', '--prefix', prefix, '--file', file];

/** The way out of this network, where the service that builds was given one. */
function proxies(): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
