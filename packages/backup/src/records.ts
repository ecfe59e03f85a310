import { z } from 'zod';

/** What every backup begins with. */
export const BackupHead = z.object({
  /** Of the records; another number is another language. */
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  /** Version of the Muster that made it. */
  muster: z.string(),
  /** Version of its PostgreSQL. */
  postgres: z.string(),
  /** The migrations that made the tables, in their order. */
  migrations: z.array(z.object({ version: z.number().int().positive(), name: z.string(), checksum: z.string() })).min(1),
  /** Files of environments that the installation has and the backup has not. */
  artifacts: z.object({ count: z.number().int().nonnegative(), bytes: z.number().nonnegative() }),
});
export type BackupHead = z.infer<typeof BackupHead>;

/** A small file that is kept beside the database and belongs to it. */
const BackupFile = z.object({ name: z.string().regex(/^[a-z][a-z.-]{0,60}$/u), base64: z.base64() });
const TableStart = z.object({ name: z.string().min(1), columns: z.array(z.string().min(1)) });
/** How a table ended: rows, and bytes and SHA-256 (hexadecimal) of all its text as COPY gave it. */
const TableEnd = z.object({ rows: z.number().int().nonnegative(), bytes: z.number().int().nonnegative(), sha256: z.string() });
/** Where a sequence of numbers stands: `value` as text, for it may be beyond what a number holds. */
const SequenceState = z.object({ name: z.string().min(1), value: z.string().regex(/^-?\d+$/u), called: z.boolean() });
const BackupEnd = z.object({ tables: z.number().int().nonnegative(), rows: z.number().int().nonnegative() });

export type BackupFile = z.infer<typeof BackupFile>;
export type TableStart = z.infer<typeof TableStart>;
export type TableEnd = z.infer<typeof TableEnd>;
export type SequenceState = z.infer<typeof SequenceState>;

/**
 * What a backup is made of, in this order: the head; files; for each table its start, its rows as COPY gives them (text format) in pieces of
 * any size, and its end; sequences; the end.
 */
export type BackupRecord =
  | { readonly kind: 'head'; readonly value: BackupHead }
  | { readonly kind: 'file'; readonly value: BackupFile }
  | { readonly kind: 'table'; readonly value: TableStart }
  | { readonly kind: 'rows'; readonly value: Uint8Array }
  | { readonly kind: 'table-end'; readonly value: TableEnd }
  | { readonly kind: 'sequence'; readonly value: SequenceState }
  | { readonly kind: 'end'; readonly value: z.infer<typeof BackupEnd> };
export type RecordKind = BackupRecord['kind'];

/** Each kind by one letter on the wire, and what its JSON must be; rows are bytes. */
export const recordKinds: Readonly<Record<RecordKind, { readonly letter: string; readonly schema: z.ZodType | undefined }>> = {
  head: { letter: 'H', schema: BackupHead },
  file: { letter: 'F', schema: BackupFile },
  table: { letter: 'T', schema: TableStart },
  rows: { letter: 'R', schema: undefined },
  'table-end': { letter: 't', schema: TableEnd },
  sequence: { letter: 'S', schema: SequenceState },
  end: { letter: 'E', schema: BackupEnd },
};
