import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** What a release is not made of; `.lab` is that of the hosts at work. */
const left = new Set(['.git', 'dist', '.lab']);

/** A migration that a later release has: after it servers go on that know this schema, counted from the newest of this checkout. */
export type LaterMigration = { readonly name: string; readonly reader: number; readonly sql: string };

/** A checkout of the same sources as another release. */
export type OtherRelease = { readonly folder: string; remove(): Promise<void> };

/** A copy of this checkout (of what npm has installed hard links) with another version, and with these migrations after its own. */
export async function otherRelease(version: string, migrations: readonly LaterMigration[]): Promise<OtherRelease> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-release-'));
  for (const name of await readdir(root))
    if (!left.has(name)) await run('cp', [name === 'node_modules' ? '-al' : '-a', join(root, name), join(folder, name)]);
  const rooms = (await readdir(join(root, 'packages'))).map((name) => join('packages', name));
  const manifests = ['.', ...rooms].map((room) => join(room, 'package.json')).filter((path) => existsSync(join(root, path)));
  for (const path of manifests) await rewrite(folder, path, (text) => text.replace(/"version": "[^"]*"/u, `"version": "${version}"`));
  for (const room of ['server', 'cli'])
    await rewrite(folder, `packages/${room}/src/version.ts`, (text) => text.replace(/version = '[^']*'/u, `version = '${version}'`));
  const place = 'packages/store/src/migrations';
  const own = (await readdir(join(root, place))).filter((name) => name.endsWith('.sql')).length;
  for (const [index, { name, reader, sql }] of migrations.entries()) {
    const number = String(own + index + 1).padStart(4, '0');
    await writeFile(join(folder, place, `${number}-${name}.sql`), `-- reader: ${own + reader}\n\n${sql};\n`);
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function rewrite(folder: string, path: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(join(folder, path), 'utf8');
  await writeFile(join(folder, path), change(text));
}
