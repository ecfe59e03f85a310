import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { labRecipe, recipeHash } from './image-recipe.ts';
import type { Lab } from './lab.ts';
import { withLock } from './lock.ts';
import { runCommand } from './run-command.ts';

/**
 * A folder with packages of Debian and all that a host of the lab lacks for them, as an administrator would fetch it for machines without
 * internet. Kept beside the images, so a second run downloads nothing.
 */
export async function packageFolder(lab: Lab, names: readonly string[]): Promise<string> {
  const { folder, apt } = packagesOf(lab, names);
  await withLock(folder, 900, () => fill(folder, apt, names));
  return folder;
}

async function fill(folder: string, apt: readonly string[], names: readonly string[]): Promise<void> {
  mkdirSync(join(folder, 'partial'), { recursive: true });
  const download = () => runCommand([...apt, '--download-only', 'install', ...names], { timeoutSeconds: 300 });
  let seen = await download();
  if (seen.code !== 0) {
    await runCommand(['apt-get', 'update'], { timeoutSeconds: 300 });
    seen = await download();
  }
  if (seen.code !== 0) throw new Error(`the packages ${names.join(', ')} could not be downloaded: ${seen.stderr}`);
  if (!readdirSync(folder).some((name) => name.startsWith(`${names[0]}_`))) throw new Error(`${names[0]} is not in ${folder}`);
}

/** Where the packages are, and apt as it would run on a bare host of the lab. */
function packagesOf(lab: Lab, names: readonly string[]): { readonly folder: string; readonly apt: readonly string[] } {
  const image = recipeHash(labRecipe());
  // One for each wish: what is fetched for one lab must not change what another one is just being made of.
  const folder = join(lab.settings.cacheDir, `debs-${image}-${digest(names.join(' ')).slice(0, 12)}`);
  const status = join(lab.settings.cacheDir, 'images', image, 'root/var/lib/dpkg/status');
  const options = [`Dir::State::status=${status}`, `Dir::Cache::archives=${folder}`, 'Debug::NoLocking=1'].flatMap((one) => ['-o', one]);
  return { folder, apt: ['apt-get', ...options, '--yes', '--no-install-recommends'] };
}

/** Installs packages of Debian on a host as its administrator would have done before there was Muster. */
export async function installOn(lab: Lab, host: string, names: readonly string[]): Promise<void> {
  const folder = await packageFolder(lab, names);
  const { stdout } = await runCommand([...packagesOf(lab, names).apt, '--simulate', 'install', ...names], { timeoutSeconds: 60 });
  const needed = [...stdout.matchAll(/^Inst (\S+)/gmu)].map((match) => `${match[1] ?? ''}_`);
  const files = readdirSync(folder).filter((file) => file.endsWith('.deb') && needed.some((name) => file.startsWith(name)));
  for (const file of files) {
    const [path, input] = [`/var/cache/apt/archives/${file}`, readFileSync(join(folder, file)).toString('base64')];
    await onHost(lab, host, ['sh', '-c', 'base64 -d > "$0"', path], input);
  }
  await onHost(lab, host, ['sh', '-c', 'DEBIAN_FRONTEND=noninteractive dpkg -i /var/cache/apt/archives/*.deb && apt-get clean']);
}

async function onHost(lab: Lab, host: string, argv: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await lab.run(host, argv, { input, timeoutSeconds: 300 });
  if (code !== 0) throw new Error(`on ${host}: ${argv.join(' ')}: ${stderr}`);
}

/**
 * A folder of its own with only those packages whose file names fit: all of a folder is brought to each host, and the one that all tests share
 * has far more. `remove` takes it away.
 */
export async function chosenPackages(
  lab: Lab,
  names: readonly string[],
  fits: RegExp,
): Promise<{ readonly folder: string; remove(): void }> {
  const all = await packageFolder(lab, names);
  const folder = mkdtempSync(join(tmpdir(), 'muster-lab-packages-'));
  for (const name of readdirSync(all)) if (fits.test(name)) symlinkSync(join(all, name), join(folder, name));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Packages of Debian 13 that run on the lab's Debian 12, which has too old ones. Pure Python; held against the hash that the signed index had. */
const fromTrixie = [
  {
    path: 'pool/main/p/patroni/patroni_4.0.7-3~deb13u1_all.deb',
    sha256: 'b8a6d276d3adb0c9b8a6d6198575c6081134bd2038b4780d08a6c34375972931',
  },
  {
    path: 'pool/main/y/ydiff/python3-ydiff_1.4.2-1_all.deb',
    sha256: 'a190592dd43cc4e3a751133d407ae27d9275f896fe7a0c263461e87aabc8148e',
  },
] as const;

/** What a pool of servers is made of, and what Patroni needs of the lab's own release. */
const ofPool = [
  ...['etcd-server', 'etcd-client', 'postgresql', 'python3-etcd', 'python3-consul', 'python3-click', 'python3-dateutil'],
  ...['python3-prettytable', 'python3-psutil', 'python3-urllib3', 'python3-yaml', 'python3-psycopg2'],
] as const;

/** The folder with which a pool is installed: `packageFolder` of what it needs and of `more`, and Patroni of the next Debian. */
export async function poolPackageFolder(lab: Lab, more: readonly string[] = []): Promise<string> {
  const folder = await packageFolder(lab, [...ofPool, ...more]);
  for (const { path, sha256 } of fromTrixie) await fetchOnce(`http://deb.debian.org/debian/${path}`, folder, sha256);
  return folder;
}

async function fetchOnce(url: string, folder: string, sha256: string): Promise<void> {
  const place = join(folder, basename(url));
  if (existsSync(place) && digest(readFileSync(place)) === sha256) return;
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  if (digest(content) !== sha256) throw new Error(`${url} is not the file it should be`);
  writeFileSync(`${place}.new`, content);
  renameSync(`${place}.new`, place);
}

const digest = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
