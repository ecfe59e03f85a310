import { join } from 'node:path';
import { root } from '../lint/project.ts';
import { installed, runProgram } from '../run-program.ts';

/** Builds the panel into packages/panel/dist. @throws with what vite said */
export async function buildPanel(): Promise<void> {
  const { status, stdout, stderr } = await runProgram([...installed('vite/bin/vite.js'), 'build', join(root, 'packages/panel')]);
  if (status !== 0) throw new Error(`The panel could not be built:\n${stdout}${stderr}`);
}
