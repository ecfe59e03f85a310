import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact, Artifacts } from '@muster/provision';
import { CliError } from './cli-error.ts';
import type { Layout } from './layout.ts';
import { version } from './version.ts';

/** Names of release archives: muster-agent-0.1.0-x64.tar.gz. */
const archiveName = /^muster-(server|agent)-(.+)-(x64|arm64)\.tar\.gz$/u;

/**
 * What `apply` installs: in a checkout it is built from the sources (again only when they changed), a release brings it in its
 * `dist` folder.
 */
export async function findArtifacts(layout: Layout): Promise<Artifacts> {
  if (layout.kind === 'checkout') await build(layout.root);
  const folder = join(layout.root, 'dist');
  // A server that `apply` has installed brings no archives: it installs what it was installed from itself.
  return layout.kind === 'release' && !existsSync(folder) ? installedArtifacts(usualPlaces) : readArtifacts(folder);
}

const usualPlaces = { opt: '/opt', staging: '/var/cache/muster' };

/**
 * What this machine itself was installed from, as its releases say; `apply` keeps those archives on the management server. An archive that
 * is not there any more is missed only by a host that lacks the release.
 */
export function installedArtifacts({ opt, staging }: typeof usualPlaces): Artifacts {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
  const artifactOf = (program: string): Partial<Record<'x64' | 'arm64', Artifact>> => {
    const mark = join(opt, program, '.artifact');
    const sha256 = existsSync(mark) ? readFileSync(mark, 'utf8').trim() : '';
    if (!/^[0-9a-f]{64}$/u.test(sha256))
      throw new CliError(
        `There is nothing to install here: ${mark} does not say of what release it is. Run this where the inventory and your keys are.`,
      );
    return { [architecture]: { path: join(staging, `${sha256}.tar.gz`), sha256, version } };
  };
  return { server: artifactOf('muster'), agent: artifactOf('muster-agent') };
}

/** The archives of this version in a folder; those of others, which an earlier build may have left there, do not count. */
export function readArtifacts(folder: string): Artifacts {
  const artifacts: { server: Record<string, Artifact>; agent: Record<string, Artifact> } = { server: {}, agent: {} };
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, kind, itsVersion, architecture = ''] = archiveName.exec(name) ?? [];
    if ((kind !== 'server' && kind !== 'agent') || itsVersion !== version) continue;
    const path = join(folder, name);
    artifacts[kind][architecture] = { path, sha256: checksumOf(path), version };
  }
  if (Object.keys(artifacts.agent).length === 0)
    throw new CliError(`There is nothing of version ${version} to install in ${folder}. Run "npm run build" in the checkout.`);
  return artifacts;
}

function checksumOf(path: string): string {
  const file = `${path}.sha256`;
  const word = existsSync(file) ? readFileSync(file, 'utf8').slice(0, 64) : '';
  if (/^[0-9a-f]{64}$/u.test(word)) return word;
  throw new CliError(`The checksum of ${path} is missing or damaged (${file}). Run "npm run build" in the checkout.`);
}

async function build(root: string): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'tools', 'build.ts')], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const note = (text: string) => {
    said += text;
  };
  child.stdout.setEncoding('utf8').on('data', note);
  child.stderr.setEncoding('utf8').on('data', note);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new CliError(`What is to be installed could not be built:\n${said.trim().split('\n').slice(-10).join('\n')}`);
}
