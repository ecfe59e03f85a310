import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../environment-error.ts';
import { type BuildParts, buildEnvironment, systemPath } from './build.ts';
import { runOrFail } from './run-step.ts';

/** Unpacks the archive to where it will stay; conda-pack's own `conda-unpack` then writes that path into its files. @throws EnvironmentError */
export async function buildArchive(parts: BuildParts): Promise<void> {
  const { task, prefix, work, fileOf, user, program, signal } = parts;
  const [archive] = task.artifacts;
  if (archive === undefined) throw new EnvironmentError('definition', 'The definition names no archive.');
  const step = { cwd: work, user, signal };
  const unpack = ['environment-unpack', '--archive', fileOf(archive), '--to', prefix, '--max-bytes', String(task.maxUnpackedBytes)];
  await runOrFail({ ...step, argv: [...program, ...unpack], environment: buildEnvironment(work) }, `Unpacking ${archive.name}`);
  const script = join(prefix, 'bin', 'conda-unpack');
  if (!(await isFile(script))) return;
  const python = join(prefix, 'bin', 'python');
  if (!(await isProgram(python)))
    throw new EnvironmentError(
      'definition',
      `${archive.name} has bin/conda-unpack and no bin/python to run it with. Pack the environment again.`,
    );
  const environment = buildEnvironment(work, `${join(prefix, 'bin')}:${systemPath}`);
  await runOrFail({ ...step, argv: [python, script], environment }, 'conda-unpack');
}

const isFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const isProgram = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile() && (found.mode & 0o111) !== 0,
    () => false,
  );
