import { createHash } from 'node:crypto';
import { type Connection, shellQuote, shellQuoteAll } from '@muster/ssh';
import type { Change } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { fileChange, hashLine, type ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteFiles } from '../host/undo-notes.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/**
 * What a host has in the place of a generated file: nothing, what a run wrote, that with changes of somebody since, something that no run
 * wrote.
 */
export type FileState = 'none' | 'ours' | 'edited' | 'foreign';
export type SeenFile = { readonly hash: string; readonly state: FileState };

const note = '# Written by "muster apply"; sha256 of all below this line: ';

/** A generated file: its first line has the digest of the rest, by which a later run sees whether somebody has changed it by hand. Pure. */
export function markedFile(path: string, body: string, mode = 0o644): ManagedFile {
  const digest = createHash('sha256').update(body).digest('hex');
  return { path, mode, content: `${note}${digest}\n${body}` };
}

/** Lines of script that print what `readMarked` reads. */
export const lookAtMarked = (paths: readonly string[]): string => `
state_of() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then echo none; return; fi
  noted=$(sed -n '1s/^${note}\\([0-9a-f]*\\)$/\\1/p' "$1" 2>/dev/null || true)
  if [ -z "$noted" ]; then echo foreign
  elif [ "$(sed 1d "$1" | sha256sum | cut -d' ' -f1)" = "$noted" ]; then echo ours
  else echo edited; fi
}
${paths.map((path) => `${hashLine(path, shellQuote(path))}\nprintf 'state:%s=%s\\n' ${shellQuote(path)} "$(state_of ${shellQuote(path)})"`).join('\n')}
`;

/** What was printed of the files, by path. */
export function readMarked(output: string, paths: readonly string[]): ReadonlyMap<string, SeenFile> {
  const lines = readLines(output);
  return new Map(
    paths.map((path) => [path, { hash: lines.get(path) ?? 'none', state: (lines.get(`state:${path}`) ?? 'none') as FileState }]),
  );
}

/** The option by which somebody says that what was written by hand may go. */
const mayOverwrite = (host: ClusterHost): boolean => flagVariable(host, 'muster_network_overwrite', false);

/**
 * The changes that make files what they should be. `foreign` says of files that no run wrote whether they may be replaced unasked.
 * @throws ProvisionError for one that somebody has changed by hand, unless the inventory says that it may go
 */
export function markedChanges(
  host: ClusterHost,
  files: readonly ManagedFile[],
  seen: ReadonlyMap<string, SeenFile>,
  foreign: 'kept' | 'replaced',
): Change[] {
  return files.flatMap((file) => {
    const { hash, state } = seen.get(file.path) ?? { hash: 'none', state: 'none' };
    const changes = fileChange(file, hash);
    if (changes.length > 0) requireUntouched(host, file.path, foreign === 'replaced' && state === 'foreign' ? 'ours' : state);
    return changes;
  });
}

/** @throws ProvisionError with the file and the option that lets it go */
export function requireUntouched(host: ClusterHost, path: string, state: FileState): void {
  if (state === 'none' || state === 'ours' || mayOverwrite(host)) return;
  const what = state === 'edited' ? 'was changed by hand since a run wrote it' : 'was not written by a run';
  throw new ProvisionError(
    `${path} on ${host.name} ${what}, and is left as it is. Move what you need into the inventory; then let it be replaced: -e muster_network_overwrite=yes (see docs/network.md).`,
  );
}

const suffix = '.muster-new';
/** Where a file waits until it is checked. */
export const waitingPath = (path: string): string => `${path}${suffix}`;

/**
 * Puts files in their places by a rename each, after `check` (lines of script that fail where a service would not take `waitingPath`s of them)
 * has passed. What was there before a first run is kept for a reset.
 */
export async function putChecked(
  connection: Connection,
  files: readonly ManagedFile[],
  {
    check,
    before = '',
    label,
    signal,
  }: { readonly check: string; readonly before?: string; readonly label: string; readonly signal: AbortSignal },
): Promise<void> {
  if (files.length === 0) return;
  for (const { path, content, mode } of files)
    await connection.upload(Buffer.from(content), waitingPath(path), { mode, owner: 'root:root', sudo: true, signal });
  const paths = files.map(({ path }) => path);
  const script = `
set -eu
check() {
${check}
}
if ! said=$(check 2>&1); then
  printf '%s\\n' "$said" >&2
  rm -f -- ${shellQuoteAll(paths.map(waitingPath))}
  exit 1
fi
${noteFiles(paths)}
${before}
for path in ${shellQuoteAll(paths)}; do mv -f -- "$path${suffix}" "$path"; done
`;
  await runScript(connection, script, { label, sudo: true, signal });
}
