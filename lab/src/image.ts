import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { chooseMirror, readAptSources } from './apt-mirror.ts';
import { LabError } from './errors.ts';
import { labRecipe, recipeHash } from './image-recipe.ts';
import type { ImageRecipe } from './image-recipe.ts';
import { withLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { requireCommand, runCommand } from './run-command.ts';
import type { LabSettings } from './settings.ts';

/** A built root file system, read-only for its users: the lower layer of every host's disk. */
export interface LabImage {
  hash: string;
  rootDir: string;
}

/**
 * Namespaces that vanish, with mounts and processes in them, when the build ends and also when this
 * process is killed: a build that goes on alone would collide with the next one.
 */
const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
const alone = ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...namespaces, '--'];

async function unpackDebian(recipe: ImageRecipe, rootDir: string, settings: LabSettings): Promise<void> {
  const mirror = chooseMirror(readAptSources(), recipe.suite);
  const packageCache = join(settings.cacheDir, 'packages');
  mkdirSync(packageCache, { recursive: true });
  const logPath = join(settings.cacheDir, 'debootstrap.log');
  const options = [
    '--variant=minbase',
    `--arch=${recipe.architecture}`,
    `--cache-dir=${packageCache}`,
    `--include=${recipe.packages.join(',')}`,
  ];
  const result = await runCommand([...alone, 'debootstrap', ...options, recipe.suite, rootDir, mirror], {
    cwd: '/',
    env: { LC_ALL: 'C.UTF-8' },
  });
  writeFileSync(logPath, result.stdout + result.stderr);
  if (result.code === 0) return;
  const said =
    `${result.stdout}${result.stderr}`
      .trim()
      .split('\n')
      .findLast((line) => /^[EW]:/.test(line)) ?? `status ${result.code}`;
  throw new LabError(`building the host image from ${mirror} failed: ${said}`, {
    advice: `does "apt-get update" work here? Log: ${logPath}`,
  });
}

async function furnish(recipe: ImageRecipe, rootDir: string): Promise<void> {
  for (const file of recipe.files) {
    mkdirSync(dirname(join(rootDir, file.path)), { recursive: true });
    writeFileSync(join(rootDir, file.path), file.text);
    chmodSync(join(rootDir, file.path), file.mode);
  }
  for (const command of recipe.commands) {
    await requireCommand(`image step "${command.join(' ')}"`, [...alone, 'chroot', rootDir, ...command], { cwd: '/' });
  }
  for (const path of recipe.removed) rmSync(join(rootDir, path), { recursive: true, force: true });
  // Empty, not absent: absent would make systemd run its first-boot questions.
  writeFileSync(join(rootDir, '/etc/machine-id'), '');
  for (const name of readdirSync(join(rootDir, '/etc/ssh'))) {
    if (name.startsWith('ssh_host_')) rmSync(join(rootDir, '/etc/ssh', name));
  }
}

async function build(recipe: ImageRecipe, imageDir: string, settings: LabSettings): Promise<void> {
  const draft = `${imageDir}.building`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  await unpackDebian(recipe, join(draft, 'root'), settings);
  await furnish(recipe, join(draft, 'root'));
  writeFileSync(join(draft, 'recipe.json'), `${JSON.stringify(recipe, null, 2)}\n`);
  renameSync(draft, imageDir);
}

/**
 * Gives the image of the recipe, built once (about a minute) and kept in the cache folder under the
 * recipe's hash. Several labs asking at once wait for one build; an interrupted build leaves nothing usable.
 */
export async function ensureImage(settings: LabSettings, progress: Progress, recipe: ImageRecipe = labRecipe()): Promise<LabImage> {
  const hash = recipeHash(recipe);
  const imageDir = join(settings.cacheDir, 'images', hash);
  const image = { hash, rootDir: join(imageDir, 'root') };
  if (existsSync(imageDir)) return image;
  await withLock(imageDir, 900, async () => {
    if (existsSync(imageDir)) return;
    await progress(`building the host image ${hash} (once, about a minute)`, () => build(recipe, imageDir, settings));
  });
  return image;
}
