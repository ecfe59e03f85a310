import type { Readable } from 'node:stream';

/** More than any list that a member answers with. */
const maxBytes = 32_000_000;

/** The whole of an answer as text. @throws Error where it breaks off, or is larger than any answer is */
export async function textOf(answer: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new Error('the answer is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
