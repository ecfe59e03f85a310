import { EnvironmentError } from '../environment-error.ts';
import { ByteReader } from './byte-reader.ts';
import { type PaxRecords, readPaxRecords } from './pax-records.ts';
import { blockBytes, broken, decodeName, readHeader, type TarHeader } from './tar-header.ts';

/** Something in an archive. Its names are as the archive has them: whoever uses them checks them first. */
export type TarEntry = {
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink';
  readonly path: string;
  readonly link: string;
  readonly mode: number;
  readonly size: number;
  /** The bytes of a file, to be read before the next entry is asked for; what is not read is passed over. */
  readonly content: AsyncIterable<Buffer>;
};

/** Extended headers and long names are kept in memory, so they are bounded. */
const maxExtraBytes = 1_048_576;

const kinds: Readonly<Record<string, TarEntry['kind']>> = { '0': 'file', '7': 'file', '5': 'folder', '2': 'symlink', '1': 'hardlink' };
/** What else there may be, for the sentence that refuses it. */
const refused: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a named pipe',
  S: 'a sparse file',
};

/** The entries of a tar stream, in their order. @throws EnvironmentError for devices, pipes, and whatever is damaged or cut off */
export async function* tarEntries(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(stream);
  let extra: PaxRecords = {};
  for (let seen = 0; ; seen += 1) {
    const block = await reader.take(blockBytes);
    if (block.length === 0 && seen > 0) return;
    if (block.length < blockBytes) throw broken('it ends in the middle');
    const header = readHeader(block);
    if (header === null) return;
    if ('xgLK'.includes(header.type)) {
      extra = header.type === 'g' ? await passOver(reader, header, extra) : { ...extra, ...(await readExtra(reader, header)) };
      continue;
    }
    const size = extra.size ?? header.size;
    const content = new EntryContent(reader, size);
    yield entryOf(header, extra, size, content);
    await content.finish();
    extra = {};
  }
}

function entryOf(header: TarHeader, extra: PaxRecords, size: number, content: EntryContent): TarEntry {
  const path = extra.path ?? header.path;
  const kind = extra.sparse === true ? undefined : kinds[header.type];
  if (kind === undefined) {
    const what = refused[extra.sparse === true ? 'S' : header.type] ?? `an entry of the unknown type ${JSON.stringify(header.type)}`;
    throw new EnvironmentError(
      'definition',
      `The archive holds ${what}, which no environment needs: ${JSON.stringify(path.slice(0, 200))}.`,
    );
  }
  // Written by some programs of old: a file whose name ends with a slash is a folder.
  return {
    kind: kind === 'file' && path.endsWith('/') ? 'folder' : kind,
    path,
    link: extra.link ?? header.link,
    mode: header.mode,
    size,
    content,
  };
}

/** The bytes of one entry. */
class EntryContent implements AsyncIterable<Buffer> {
  readonly #reader: ByteReader;
  readonly #size: number;
  #left: number;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.#size = size;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const part of this.#reader.pass(this.#left)) {
      this.#left -= part.length;
      yield part;
    }
    if (this.#left > 0) throw broken('it ends in the middle of a file');
  }

  /** Passes over what was not read, and over what fills the last block. */
  async finish(): Promise<void> {
    for await (const _part of this) continue;
    const padding = (blockBytes - (this.#size % blockBytes)) % blockBytes;
    if ((await this.#reader.take(padding)).length < padding) throw broken('it ends in the middle');
  }
}

async function readExtra(reader: ByteReader, { type, size }: TarHeader): Promise<PaxRecords> {
  if (size > maxExtraBytes) throw broken('an extended header is too long');
  const content = new EntryContent(reader, size);
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  await content.finish();
  const body = Buffer.concat(parts);
  if (type === 'x') return readPaxRecords(body);
  const end = body.indexOf(0);
  const name = decodeName(end === -1 ? body : body.subarray(0, end));
  return type === 'L' ? { path: name } : { link: name };
}

/** A global header tells about the archive, nothing about its files. */
async function passOver(reader: ByteReader, { size }: TarHeader, extra: PaxRecords): Promise<PaxRecords> {
  await new EntryContent(reader, size).finish();
  return extra;
}
