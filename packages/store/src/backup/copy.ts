import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from, to } from 'pg-copy-streams';
import type { CopiedTable } from './catalog.ts';

const identifiers = (names: readonly string[]): string => names.map((name) => pg.escapeIdentifier(name)).join(', ');

/** Table and columns as COPY takes them. */
const target = ({ name, columns }: CopiedTable): string => `${pg.escapeIdentifier(name)} (${identifiers(columns)})`;

/** What a table held. */
export type Copied = { readonly rows: number; readonly bytes: number; readonly sha256: string };

/** All rows of a table as COPY writes them (text format), in pieces; what was given, counted, is the generator's result. Memory: some pieces. */
export async function* copyOut(client: pg.Client, table: CopiedTable): AsyncGenerator<Buffer, Copied> {
  const stream = client.query(to(`copy ${target(table)} to stdout`));
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.byteLength;
    yield piece;
  }
  return { rows: stream.rowCount, bytes, sha256: hash.digest('hex') };
}

/** What a table holds now. */
export async function digestOf(client: pg.Client, table: CopiedTable): Promise<Copied> {
  const copying = copyOut(client, table);
  for (;;) {
    const next = await copying.next();
    if (next.done === true) return next.value;
  }
}

/** Writes rows into a table as COPY reads them. Returns how many. @throws the database's error, with the place in the data */
export async function copyIn(client: pg.Client, table: CopiedTable, rows: AsyncIterable<Uint8Array>): Promise<number> {
  const stream = client.query(from(`copy ${target(table)} from stdin`));
  await pipeline(Readable.from(rows), stream);
  return stream.rowCount;
}
