import { createHash } from 'node:crypto';
import { countRows } from '../src/checked-records.ts';
import { frameOf } from '../src/frames.ts';
import type { BackupHead } from '../src/records.ts';

export const head: BackupHead = {
  format: 1,
  madeAt: '2026-11-26T08:00:00.000Z',
  muster: '0.1.0',
  postgres: '18.4',
  migrations: [{ version: 1, name: '0001-nodes.sql', checksum: 'abc' }],
  artifacts: { count: 0, bytes: 0 },
};

/** A snapshot as a server sends it, of tables given as COPY's text. */
export async function* snapshotOf(tables: Record<string, string>): AsyncGenerator<Uint8Array> {
  yield frameOf({ kind: 'head', value: head });
  let rows = 0;
  for (const [name, text] of Object.entries(tables)) {
    const bytes = Buffer.from(text);
    const end = { rows: countRows(bytes), bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
    yield frameOf({ kind: 'table', value: { name, columns: ['id'] } });
    if (bytes.byteLength > 0) yield frameOf({ kind: 'rows', value: bytes });
    yield frameOf({ kind: 'table-end', value: end });
    rows += end.rows;
  }
  yield frameOf({ kind: 'end', value: { tables: Object.keys(tables).length, rows } });
}

/** Everything that comes, in its pieces. */
export async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}
