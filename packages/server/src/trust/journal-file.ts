import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { JournalledCertificate } from '@muster/store';
import { z } from 'zod';

/** The journal's file in the data folder: one certificate in each line, as JSON; the last line about a serial counts. */
export const certificateJournalName = 'certificates.journal';

const short = z.string().min(1).max(253);
const Line = z.object({
  serial: short,
  rootSha256: short,
  nodeId: z.uuid(),
  nodeName: short,
  fingerprint: short,
  spkiSha256: short,
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  issuedAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
});

const portion = 500;

/** How a journal was read. */
export type JournalReading = {
  /** In portions; each serial perhaps several times. */
  readonly entries: AsyncIterable<readonly JournalledCertificate[]>;
  /** Lines that could not be read, once all were: of a disk that failed, or the last one of a server that died over it. */
  damagedLines(): number;
};

/** Reads a journal; one that is not there has no lines. @throws the error of the file system for any other file that cannot be read */
export function readJournal(path: string): JournalReading {
  let damaged = 0;
  const entries = async function* (): AsyncGenerator<readonly JournalledCertificate[]> {
    let some: JournalledCertificate[] = [];
    for await (const line of linesOf(path)) {
      const read = parse(line);
      if (read === undefined) damaged += 1;
      else some.push(read);
      if (some.length < portion) continue;
      yield some;
      some = [];
    }
    if (some.length > 0) yield some;
  };
  return { entries: entries(), damagedLines: () => damaged };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  const input = createReadStream('', { fd: file, encoding: 'utf8' });
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) if (line !== '') yield line;
  } finally {
    input.destroy();
  }
}

function parse(line: string): JournalledCertificate | undefined {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

const members = Object.keys(Line.shape);

const textOf = (entries: readonly JournalledCertificate[]): string =>
  entries.map((entry) => `${JSON.stringify(entry, members)}\n`).join('');

/** Adds lines at the end; on the disk when it resolves. A line that was broken off before stays a line of its own. */
export async function appendToJournal(path: string, entries: readonly JournalledCertificate[]): Promise<void> {
  if (entries.length === 0) return;
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    const isBroken = size > 0 && buffer.toString('latin1') !== '\n';
    await file.writeFile((isBroken ? '\n' : '') + textOf(entries));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a journal anew, in one step. */
export async function rewriteJournal(path: string, portions: AsyncIterable<readonly JournalledCertificate[]>): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    for await (const entries of portions) await file.writeFile(textOf(entries));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
