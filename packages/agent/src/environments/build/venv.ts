import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../environment-error.ts';
import { type BuildParts, buildEnvironment } from './build.ts';
import { runOrFail, runStep, type Step } from './run-step.ts';

/** Makes a virtual environment and installs the pinned wheels into it: every one compared with its hash, none from anywhere else. @throws EnvironmentError */
export async function buildVenv(parts: BuildParts): Promise<void> {
  const { task, prefix, work, fileOf, user, signal } = parts;
  if (task.recipe.kind !== 'venv') throw new EnvironmentError('definition', 'The recipe is not of a virtual environment.');
  const { python, requirements } = task.recipe;
  const step = { cwd: work, environment: buildEnvironment(work), user, signal };
  await makeVenv(python, prefix, step);
  const wheels = join(work, 'wheels');
  await mkdir(wheels, { mode: 0o755 });
  // pip reads name and version of a wheel from the name of its file.
  for (const artifact of task.artifacts) await symlink(fileOf(artifact), join(wheels, artifact.name));
  const list = join(work, 'requirements.txt');
  await writeFile(list, requirements, { mode: 0o644 });
  const install = ['-m', 'pip', '--isolated', '--no-input', '--disable-pip-version-check', '--no-cache-dir', 'install'];
  const offline = ['--no-index', '--find-links', wheels, '--require-hashes', '--only-binary', ':all:', '--requirement', list];
  await runOrFail({ ...step, argv: [join(prefix, 'bin', 'python'), ...install, ...offline] }, 'pip install');
}

async function makeVenv(python: string, prefix: string, step: Omit<Step, 'argv'>): Promise<void> {
  const { status, output } = await runStep({ ...step, argv: [python, '-m', 'venv', '--clear', prefix] });
  if (status === 0) return;
  // Debian's python3 comes without the part that puts pip into a new environment, and says so at length.
  if (/ensurepip is not\s+available|No module named '?(?:venv|ensurepip)/u.test(output))
    throw new EnvironmentError(
      'definition',
      `${python} on the node cannot make virtual environments: install the package python3-venv there.`,
    );
  await runOrFail({ ...step, argv: [python, '-m', 'venv', '--clear', prefix] }, `${python} -m venv`);
}
