import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildPanel } from './build/build-panel.ts';
import { withBuildLock } from './build/build-lock.ts';
import { bundleAgent, bundleServer, writeBundle, type Bundle } from './build/bundle.ts';
import { agentFiles, serverFiles, type Architecture } from './build/release-files.ts';
import { writeRelease } from './build/release.ts';
import type { Entry } from './build/tar.ts';
import { manifestOf, root } from './lint/project.ts';

/*
 * `npm run build`: the panel, the bundles of agent and server, and the archives that `muster apply` puts on hosts.
 * One part: `npm run build -- panel|agent|server`, `npm run build -- tarball agent|server [x64|arm64]`.
 */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  panel: async () => {
    await buildPanel();
    tell('packages/panel/dist');
  },
  agent: async () => writeAndTell('agent', await bundleAgent()),
  server: async () => writeAndTell('server', await bundleServer()),
  'tarball agent': async () => release('agent', agentFiles(await bundleAgent(), architecture)),
  'tarball server': async () => {
    await buildPanel();
    await release('server', serverFiles(await bundleServer(), architecture));
  },
};

const distFolder = join(root, 'dist');
const words = process.argv.slice(2);
const architecture = (['x64', 'arm64'] as const).find((one) => words.includes(one)) ?? ownArchitecture();
const wanted = words.filter((word) => word !== architecture).join(' ');
const chosen = wanted === '' ? ['tarball agent', 'tarball server'] : [wanted];
try {
  await withBuildLock(distFolder, async () => {
    for (const name of chosen) {
      const part = parts[name];
      if (part === undefined) throw new Error(`There is no part '${name}' to build. Parts: ${Object.keys(parts).join(', ')}.`);
      await part();
    }
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function ownArchitecture(): Architecture {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new Error(`Releases are made for x64 and arm64; this machine is ${process.arch}. Name one of the two.`);
}

async function writeAndTell(name: string, bundle: Bundle): Promise<void> {
  const folder = join(distFolder, name);
  await writeBundle(bundle, folder);
  tell(`${relative(root, folder)}: ${bundle.files.size} files, bundled from ${bundle.inputs.length}`);
}

async function release(name: string, entries: readonly Entry[]): Promise<void> {
  const { version } = manifestOf('.');
  const { file, sha256, isFresh } = await writeRelease(join(distFolder, `muster-${name}-${version}-${architecture}.tar.gz`), entries);
  const megabytes = (statSync(file).size / 1_000_000).toFixed(1);
  tell(`${sha256}  ${relative(root, file)} (${megabytes} MB${isFresh ? '' : ', unchanged'})`);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
