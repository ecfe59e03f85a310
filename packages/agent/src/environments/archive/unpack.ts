import { constants } from 'node:fs';
import { link, lstat, mkdir, open, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { entryParts, linkTarget, refuse } from './entry-path.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

export type UnpackLimits = { readonly maxBytes: number; readonly maxEntries: number };

/** A folder that only this unpacking writes to. What is in it, besides files. */
type Unpacked = { readonly root: string; readonly folders: Set<string>; readonly links: Set<string>; readonly limits: UnpackLimits };

/**
 * Unpacks a tar stream into an empty folder that is there. Nothing is written outside of it, whatever the archive holds; owners,
 * times and the bits that give rights (set-user-ID and the like) are not taken over. @throws EnvironmentError
 */
export async function unpackTar(
  stream: AsyncIterable<Buffer>,
  root: string,
  limits: UnpackLimits,
): Promise<{ bytes: number; entries: number }> {
  const unpacked: Unpacked = { root, folders: new Set(['']), links: new Set(), limits };
  let [bytes, entries] = [0, 0];
  for await (const entry of tarEntries(stream)) {
    entries += 1;
    bytes += entry.kind === 'file' ? entry.size : 0;
    if (bytes > limits.maxBytes) throw refuse(`unpacks to more than ${limits.maxBytes} bytes`);
    if (entries > limits.maxEntries) throw refuse(`holds more than ${limits.maxEntries} files`);
    const parts = entryParts(entry.path);
    if (parts.length > 0) await unpackEntry(unpacked, entry, parts);
  }
  return { bytes, entries };
}

async function unpackEntry(unpacked: Unpacked, entry: TarEntry, parts: readonly string[]): Promise<void> {
  await makeFolders(unpacked, parts.slice(0, -1));
  const key = parts.join('/');
  const path = join(unpacked.root, key);
  if (entry.kind === 'folder') return makeFolders(unpacked, parts);
  if (unpacked.folders.has(key)) throw refuse(`has ${JSON.stringify(key)} both as a folder and as something else`);
  // A name that comes again takes the place of what was there.
  await rm(path, { force: true });
  unpacked.links.delete(key);
  if (entry.kind === 'symlink') {
    await symlink(linkTarget(parts, entry.link), path);
    unpacked.links.add(key);
  } else if (entry.kind === 'hardlink') await hardLink(unpacked, entryParts(entry.link), path);
  else await writeFile(path, entry);
}

/** Makes the folders on the way. None of them may be a link: through it one would write somewhere else. */
async function makeFolders({ root, folders, links }: Unpacked, parts: readonly string[]): Promise<void> {
  for (let depth = 1; depth <= parts.length; depth++) {
    const key = parts.slice(0, depth).join('/');
    if (folders.has(key)) continue;
    if (links.has(key)) throw refuse(`writes through its own link ${JSON.stringify(key)}`);
    await mkdir(join(root, key), { mode: 0o755 }).catch((error: unknown) => {
      throw isCode(error, 'EEXIST') ? refuse(`has ${JSON.stringify(key)} both as a folder and as something else`) : error;
    });
    folders.add(key);
  }
}

/** Another name for a file of this archive. Through a link, or to one, it could be a file of the host. */
async function hardLink({ root, links }: Unpacked, target: readonly string[], path: string): Promise<void> {
  const parents = target.map((_, index) => target.slice(0, index + 1).join('/'));
  const from = join(root, ...target);
  const found = parents.some((key) => links.has(key)) ? undefined : await lstat(from).catch(() => undefined);
  if (found?.isFile() !== true)
    throw refuse(`has a hard link to ${JSON.stringify(target.join('/'))}, which is no file that came before it`);
  await link(from, path);
}

async function writeFile(path: string, { mode, content }: TarEntry): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  const handle = await open(path, flags, (mode & 0o111) === 0 ? 0o644 : 0o755);
  try {
    for await (const part of content) await handle.writeFile(part);
  } finally {
    await handle.close();
  }
}

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
