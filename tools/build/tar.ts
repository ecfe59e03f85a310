import { readFile } from 'node:fs/promises';

/** A file or a symbolic link of an archive, by its path inside. */
export type Entry =
  | { readonly path: string; readonly mode: number; readonly file: string }
  | { readonly path: string; readonly mode: number; readonly content: Buffer }
  | { readonly path: string; readonly link: string };

/** The same in every archive: 2024-01-01T00:00:00Z. */
const fixedTimeSeconds = 1_704_067_200;
const blockBytes = 512;
const types = { file: '0', link: '2', folder: '5' } as const;

/**
 * Yields a tar archive (POSIX.1-1988 "ustar") of the entries and the folders above them, sorted, with one time and one owner:
 * the same entries always make the same bytes. @throws for a path that the format cannot hold
 */
export async function* tar(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  const folders = new Set(entries.flatMap(({ path }) => parentsOf(path)));
  for (const path of [...folders].toSorted()) yield header({ path: `${path}/`, mode: 0o755, size: 0, type: types.folder });
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    if ('link' in entry) {
      yield header({ path: entry.path, mode: 0o777, size: 0, type: types.link, link: entry.link });
      continue;
    }
    const content = await contentOf(entry);
    yield header({ path: entry.path, mode: entry.mode, size: content.length, type: types.file });
    yield content;
    yield Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** The bytes of an entry that is a file. */
export const contentOf = (entry: Exclude<Entry, { link: string }>): Promise<Buffer> =>
  'file' in entry ? readFile(entry.file) : Promise.resolve(entry.content);

const parentsOf = (path: string): string[] => {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
};

type Head = { readonly path: string; readonly mode: number; readonly size: number; readonly type: string; readonly link?: string };

function header({ path, mode, size, type, link = '' }: Head): Buffer {
  const { name, prefix } = splitPath(path);
  const block = Buffer.alloc(blockBytes);
  const write = (text: string, offset: number, length: number): void => {
    if (Buffer.byteLength(text) > length) throw new Error(`'${text}' does not fit into a tar header (${path})`);
    block.write(text, offset);
  };
  const octal = (value: number, offset: number, length: number): void => write(value.toString(8).padStart(length - 1, '0'), offset, length);
  write(name, 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(fixedTimeSeconds, 136, 12);
  write(' '.repeat(8), 148, 8);
  write(type, 156, 1);
  write(link, 157, 100);
  write('ustar\u000000', 257, 8);
  write('root', 265, 32);
  write('root', 297, 32);
  write(prefix, 345, 155);
  // The sum is taken with its own field full of spaces, as above.
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 8);
  return block;
}

/** A path longer than 100 bytes is cut at a slash: up to 155 bytes before it, up to 100 after. */
function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  const cut = path.indexOf('/', path.length - 101);
  return { prefix: path.slice(0, cut), name: path.slice(cut + 1) };
}
