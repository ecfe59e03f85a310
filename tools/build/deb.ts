import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './release-files.ts';
import type { Entry } from './tar.ts';

const run = promisify(execFile);

/** What a package says of itself. */
export type DebControl = { readonly version: string; readonly architecture: Architecture };

/** Where the package puts Muster: a release as it is, so it finds its parts by its own place. */
const home = 'usr/lib/muster';
/** The same in every package: 2024-01-01T00:00:00Z. */
const fixedTimeSeconds = 1_704_067_200;
const debianArchitectures = { x64: 'amd64', arm64: 'arm64' } as const;

/** Name of the package's file. */
export const debName = ({ version, architecture }: DebControl): string => `muster_${version}_${debianArchitectures[architecture]}.deb`;

/**
 * Files of the package for the machine that one provisions from: the release of the server, which has the command, the archives that
 * `muster apply` puts on hosts, and the command in the path.
 */
export function debEntries(server: readonly Entry[], archives: readonly string[]): Entry[] {
  const ofHosts = archives.flatMap((file): Entry[] => [file, `${file}.sha256`].map((one) => inDist(one)));
  return [
    ...server.map((entry) => ({ ...entry, path: `${home}/${entry.path}` })),
    ...ofHosts,
    { path: 'usr/bin/muster', link: '../lib/muster/bin/muster' },
  ];
}

const inDist = (file: string): Entry => ({ path: `${home}/dist/${file.split('/').at(-1) ?? ''}`, mode: 0o644, file });

/** Writes a Debian package by dpkg-deb. The same entries make the same bytes. */
export async function writeDeb(file: string, entries: readonly Entry[], control: DebControl): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'muster-deb-'));
  const partial = `${file}.${process.pid}.partial`;
  try {
    await chmod(root, 0o755);
    for (const entry of entries) await put(join(root, entry.path), entry);
    await mkdir(join(root, 'DEBIAN'), { mode: 0o755 });
    await writeFile(join(root, 'DEBIAN/control'), controlText(control));
    // Nearly all of it is compressed already.
    await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', root, partial], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(fixedTimeSeconds), LC_ALL: 'C' },
    });
    await rename(partial, file);
  } finally {
    await rm(root, { recursive: true, force: true });
    await rm(partial, { force: true });
  }
}

async function put(path: string, entry: Entry): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  if ('link' in entry) return symlink(entry.link, path);
  await ('file' in entry ? copyFile(entry.file, path) : writeFile(path, entry.content));
  await chmod(path, entry.mode);
}

const controlText = ({ version, architecture }: DebControl): string =>
  [
    'Package: muster',
    `Version: ${version}`,
    `Architecture: ${debianArchitectures[architecture]}`,
    'Maintainer: The Muster project <muster@example.invalid>',
    'Section: admin',
    'Priority: optional',
    'Depends: libc6 (>= 2.28), tar',
    'Recommends: openssh-client, ca-certificates',
    'Description: One program for the whole life of a cluster machine',
    ' The muster command: makes clusters of the hosts of an inventory over SSH,',
    ' administers them, and takes everything off again.',
    '',
  ].join('\n');
