/** An entry of a tar file as a test wants it, also one that no honest program would write. */
export type TarEntry = {
  readonly path: string;
  /** The type flag; a file without one. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  /** What the header says; the length of the content without it. */
  readonly size?: number;
};

const blockBytes = 512;

/** The bytes of a tar file (ustar) of these entries, in this order, whatever they are. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(2 * blockBytes)]);
}

function blocksOf(entry: TarEntry): Buffer[] {
  const content = Buffer.from(entry.content ?? '');
  if (Buffer.byteLength(entry.path) > 100) {
    // As GNU tar does: the long name comes before, as an entry of its own.
    return [
      ...blocksOf({ path: '././@LongLink', type: 'L', content: `${entry.path}\0` }),
      ...blocksOf({ ...entry, path: entry.path.slice(0, 100) }),
    ];
  }
  const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
  return [headerOf(entry, content.length), content, padding];
}

function headerOf({ path, type = '0', link = '', mode = 0o644, size }: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(path, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size ?? length, 11), 124);
  block.write(octal(1_700_000_000, 11), 136);
  block.fill(' ', 148, 156);
  block.write(type, 156);
  block.write(link, 157);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
