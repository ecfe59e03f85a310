import { createHash, type Hash } from 'node:crypto';
import { BackupError } from './backup-error.ts';
import { readFrames } from './frames.ts';
import type { BackupHead, BackupRecord, TableEnd } from './records.ts';

/** What a whole backup holds. */
export type BackupSummary = {
  readonly head: BackupHead;
  readonly tables: readonly ({ readonly name: string } & TableEnd)[];
  readonly rows: number;
  /** Of all tables, as COPY gave them. */
  readonly bytes: number;
};

const newline = 0x0a;

/** In COPY's text every row ends with a line feed, and none stands within a row (PostgreSQL manual, COPY, "Text Format"). */
export function countRows(bytes: Uint8Array): number {
  let rows = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) rows += 1;
  return rows;
}

/** The table that is being read, counted as it comes. */
class OpenTable {
  readonly name: string;
  #rows = 0;
  #bytes = 0;
  readonly #hash: Hash = createHash('sha256');

  constructor(name: string) {
    this.name = name;
  }

  add(bytes: Uint8Array): void {
    this.#rows += countRows(bytes);
    this.#bytes += bytes.byteLength;
    this.#hash.update(bytes);
  }

  end(): TableEnd {
    return { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

/**
 * Hands on the records of a snapshot, and holds each against what it says of itself: the head first, every table's rows, bytes and digest,
 * and the end, once, with nothing behind it. `summary` is there when the last record was taken.
 */
export class CheckedRecords {
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #tables: ({ name: string } & TableEnd)[] = [];
  #head: BackupHead | undefined;
  #table: OpenTable | undefined;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  /** @throws BackupError `damaged`, `incomplete`, `other-format` */
  async *read(): AsyncGenerator<BackupRecord> {
    for await (const record of readFrames(this.#source)) {
      this.#take(record);
      yield record;
    }
    if (!this.#ended) throw new BackupError('incomplete', 'The snapshot breaks off before its end. Make the backup again.');
  }

  /** Reads to the end without keeping anything. @throws BackupError */
  async drain(): Promise<BackupSummary> {
    for await (const _ of this.read());
    return this.summary;
  }

  get summary(): BackupSummary {
    if (this.#head === undefined || !this.#ended) throw new Error('the snapshot was not read to its end');
    const sum = (of: (table: TableEnd) => number) => this.#tables.reduce((total, table) => total + of(table), 0);
    return { head: this.#head, tables: this.#tables, rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes) };
  }

  #take(record: BackupRecord): void {
    if (this.#ended || (this.#head === undefined) !== (record.kind === 'head')) throw outOfOrder(record);
    if ((this.#table !== undefined) !== (record.kind === 'rows' || record.kind === 'table-end')) throw outOfOrder(record);
    if (record.kind === 'head') this.#head = record.value;
    else if (record.kind === 'table') this.#table = new OpenTable(record.value.name);
    else if (record.kind === 'rows') this.#table?.add(record.value);
    else if (record.kind === 'table-end') this.#closeTable(record.value);
    else if (record.kind === 'end') this.#close(record.value);
  }

  #closeTable(said: TableEnd): void {
    const table = this.#table;
    if (table === undefined) return;
    const found = table.end();
    this.#table = undefined;
    if (found.sha256 !== said.sha256 || found.rows !== said.rows || found.bytes !== said.bytes)
      throw new BackupError(
        'damaged',
        `The table ${table.name} does not hold what the snapshot says of it (${found.rows} rows of ${said.rows}). Use another backup.`,
      );
    this.#tables.push({ name: table.name, ...found });
  }

  #close(said: { readonly tables: number; readonly rows: number }): void {
    this.#ended = true;
    const { tables, rows } = this.summary;
    if (tables.length !== said.tables || rows !== said.rows)
      throw new BackupError('damaged', `The snapshot holds ${tables.length} tables of ${said.tables}. Use another backup.`);
  }
}

const outOfOrder = ({ kind }: BackupRecord): BackupError =>
  new BackupError('damaged', `The records of the snapshot are not in their order (${kind}). Use another backup.`);
