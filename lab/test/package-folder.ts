import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { labRecipe, recipeHash } from '../src/image-recipe.ts';
import type { Lab } from '../src/index.ts';
import { runCommand } from '../src/run-command.ts';

/**
 * A folder with packages of Debian and all that a host of the lab lacks for them, as an administrator would fetch it for machines without
 * internet. Kept beside the images, so a second run downloads nothing.
 */
export async function packageFolder(lab: Lab, names: readonly string[]): Promise<string> {
  const image = recipeHash(labRecipe());
  const folder = join(lab.settings.cacheDir, `debs-${image}`);
  mkdirSync(join(folder, 'partial'), { recursive: true });
  const status = join(lab.settings.cacheDir, 'images', image, 'root/var/lib/dpkg/status');
  const options = [`Dir::State::status=${status}`, `Dir::Cache::archives=${folder}`, 'Debug::NoLocking=1'].flatMap((one) => ['-o', one]);
  const download = () =>
    runCommand(['apt-get', ...options, '--yes', '--no-install-recommends', '--download-only', 'install', ...names], {
      timeoutSeconds: 300,
    });
  let seen = await download();
  if (seen.code !== 0) {
    await runCommand(['apt-get', 'update'], { timeoutSeconds: 300 });
    seen = await download();
  }
  if (seen.code !== 0) throw new Error(`the packages ${names.join(', ')} could not be downloaded: ${seen.stderr}`);
  if (!readdirSync(folder).some((name) => name.startsWith(`${names[0]}_`))) throw new Error(`${names[0]} is not in ${folder}`);
  return folder;
}
