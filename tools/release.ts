import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { buildPanel } from './build/build-panel.ts';
import { bundleAgent, bundleServer } from './build/bundle.ts';
import { debEntries, debName, writeDeb } from './build/deb.ts';
import { agentFiles, type Architecture, serverFiles } from './build/release-files.ts';
import { writeRelease } from './build/release.ts';
import { sumsOf } from './build/sums.ts';
import { manifestOf, root } from './lint/project.ts';

/* `npm run release [-- x64|arm64]`: the archives for hosts, a Debian package for the machine one provisions from, and SHA256SUMS, in dist/. */
const dist = join(root, 'dist');
const version = manifestOf('.').version ?? '0.0.0';

try {
  const architecture = wantedArchitecture();
  await buildPanel();
  const server = serverFiles(await bundleServer(), architecture);
  const archive = (kind: string): string => join(dist, `muster-${kind}-${version}-${architecture}.tar.gz`);
  await writeRelease(archive('agent'), agentFiles(await bundleAgent(), architecture));
  await writeRelease(archive('server'), server);
  const archives = [archive('agent'), archive('server')];
  const deb = join(dist, debName({ version, architecture }));
  await writeDeb(deb, debEntries(server, archives), { version, architecture });
  const sums = await sumsOf([...archives, deb]);
  await writeFile(join(dist, 'SHA256SUMS'), sums);
  for (const file of [...archives, deb]) tell(`${relative(root, file)}  ${(statSync(file).size / 1_000_000).toFixed(1)} MB`);
  tell(`dist/SHA256SUMS\n${sums.trimEnd()}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function wantedArchitecture(): Architecture {
  const word = process.argv[2] ?? process.arch;
  if (word === 'x64' || word === 'arm64') return word;
  throw new Error(`Releases are made for x64 and arm64, not for ${word}.`);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
