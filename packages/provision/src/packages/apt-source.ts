import { readFile } from 'node:fs/promises';
import type { Connection } from '@muster/ssh';
import type { Change } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { runScript } from '../host/run-script.ts';
import { noteFiles } from '../host/undo-notes.ts';
import { ProvisionError } from '../provision-error.ts';

/** One source of packages, as apt reads it (sources.list(5), deb822). */
export type AptSource = {
  /** Names its file: `/etc/apt/sources.list.d/muster-NAME.sources`. */
  readonly name: string;
  readonly entries: readonly { readonly uri: string; readonly suites: readonly string[]; readonly components: readonly string[] }[];
  /** The key that signs it, armoured; undefined leaves it to the keys that the host has. */
  readonly key: string | undefined;
  /** Whether it is believed without a signature. */
  readonly isTrusted: boolean;
};

/** The file that names the source, and the one with its key where it has one. */
export const sourcePath = (name: string): string => `/etc/apt/sources.list.d/muster-${name}.sources`;
const keyPath = (name: string): string => `/etc/apt/keyrings/muster-${name}.asc`;

/** Words that go into a file of apt: what has a blank or a line break in it would become something else there. */
const plainWord = /^[!-~]+$/u;
const uriPattern = /^(?:https?|file|copy|mirror):\/?[!-~]+$/u;

/**
 * Checks what an inventory names as a source.
 * @throws ProvisionError with the variable and the reason
 */
export function requireSource(host: ClusterHost, variable: string, { entries }: Pick<AptSource, 'entries'>): void {
  for (const { uri, suites, components } of entries) {
    if (!uriPattern.test(uri))
      throw new ProvisionError(
        `${host.name}: ${variable} is "${uri}": write a URL such as https://mirror.example/debian or file:/srv/debian.`,
      );
    const odd = [...suites, ...components].find((word) => !plainWord.test(word));
    if (odd !== undefined)
      throw new ProvisionError(`${host.name}: ${variable} has the suite or component "${odd}", which apt cannot read.`);
  }
}

/** The files of a source. Pure. */
export function sourceFiles({ name, entries, key, isTrusted }: AptSource): ManagedFile[] {
  const paragraphs = entries.map(({ uri, suites, components }) =>
    [
      'Types: deb',
      `URIs: ${uri}`,
      `Suites: ${suites.join(' ')}`,
      ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
      ...(key === undefined ? [] : [`Signed-By: ${keyPath(name)}`]),
      ...(isTrusted ? ['Trusted: yes'] : []),
    ].join('\n'),
  );
  const content = `# Written by "muster apply".\n${paragraphs.join('\n\n')}\n`;
  return [
    ...(key === undefined ? [] : [{ path: keyPath(name), content: key, mode: 0o644 }]),
    { path: sourcePath(name), content, mode: 0o644 },
  ];
}

/** A suite that ends with a slash is a folder of packages, which has no components. */
export const componentsFor = (suites: readonly string[], components: readonly string[]): readonly string[] =>
  suites.some((suite) => suite.endsWith('/')) ? [] : components;

/**
 * The public key in a file of this machine, armoured as apt takes it from a name that ends with .asc; undefined where none is named.
 * @throws ProvisionError when the file cannot be read or is empty
 */
export async function readSourceKey(host: ClusterHost, variable: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new ProvisionError(`${host.name}: the key ${file} (${variable}) cannot be read: ${String(error)}`);
  });
  if (bytes.length === 0) throw new ProvisionError(`${host.name}: the key ${file} (${variable}) is empty.`);
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return text;
  const lines = bytes.toString('base64').match(/.{1,64}/gu) ?? [];
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${lines.join('\n')}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}

/** Lines of script that print what `sourceChanges` reads, and `codename=`, the name of the distribution's release. */
export const observeSource = (name: string): string => `
printf 'codename=%s\\n' "$(. /etc/os-release 2>/dev/null; printf %s "\${VERSION_CODENAME:-}")"
${hashLine(sourcePath(name), sourcePath(name))}
${hashLine(keyPath(name), keyPath(name))}
`;

/** What makes the source's files what they should be. `undefined` for a source that is not wanted: one of an earlier run goes. */
export function sourceChanges(name: string, files: readonly ManagedFile[] | undefined, seen: ReadonlyMap<string, string>): Change[] {
  if (files !== undefined) return files.flatMap((file) => fileChange(file, seen.get(file.path) ?? 'none'));
  return (seen.get(sourcePath(name)) ?? 'none') === 'none' ? [] : [{ what: `remove ${sourcePath(name)}` }];
}

/** Writes a source's files, or removes them. What was there before the first time comes back with a reset. */
export async function writeSource(
  connection: Connection,
  name: string,
  files: readonly ManagedFile[] | undefined,
  signal: AbortSignal,
): Promise<void> {
  const label = `prepare ${sourcePath(name)}`;
  if (files === undefined) {
    await runScript(connection, `rm -f ${sourcePath(name)} ${keyPath(name)}`, { label, sudo: true, signal });
    return;
  }
  const paths = files.map(({ path }) => path);
  const makeFolder = `
set -eu
${noteFiles(paths)}
[ -d /etc/apt/keyrings ] || { mkdir -p -m 0755 /etc/apt/keyrings; mkdir -p /var/lib/muster-provision; : > /var/lib/muster-provision/made-keyrings; }
`;
  await runScript(connection, makeFolder, { label, sudo: true, signal });
  for (const file of files) await writeManaged(connection, file, signal);
}
