import { z } from 'zod';

/** A record as it was or became: members by name. */
const AuditedRecord = z.record(z.string(), z.unknown());

/** Something that was asked for and may change things: who, from where, what, and how it ended. Append-only; ids grow. */
export const AuditEntry = z.object({
  id: z.number().int().positive(),
  at: z.iso.datetime(),
  /** `nobody`: not signed in; then `name` is what was claimed at a sign-in. */
  who: z.object({
    kind: z.enum(['person', 'key', 'local', 'nobody']),
    id: z.string().nullable(),
    name: z.string(),
    role: z.string().nullable(),
  }),
  /** The network address it came from; `local` for the Unix socket. */
  from: z.string(),
  /** The route by its name: `removeNode`. */
  what: z.string(),
  /** What it was about, where it was about one thing: `nodes`, `people`, `keys`, `operations`, as in the paths. */
  target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }).nullable(),
  /** The names of all nodes it was about. */
  nodes: z.array(z.string()),
  /** What was sent, secrets left out and long texts shortened. */
  input: AuditedRecord.nullable(),
  /** `unknown`: the server ended before it could say; the change may or may not have taken place. */
  result: z.enum(['done', 'refused', 'failed', 'unknown']),
  /** Status of the answer, and the problem's code where it was one. */
  status: z.number().int().nullable(),
  code: z.string().nullable(),
  /** The problem in words. */
  message: z.string().nullable(),
  /** The record before and after, where one was changed: null where there was or is none. */
  before: AuditedRecord.nullable(),
  after: AuditedRecord.nullable(),
  /** Lines about nobody that were not written before this one, because there were too many. */
  leftOut: z.number().int().nonnegative(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditList = z.object({ items: z.array(AuditEntry), total: z.number().int().nonnegative() });
export type AuditList = z.infer<typeof AuditList>;

const search = {
  /** Part of the name, the e-mail address or the id of who did it, or of the address it came from. */
  who: z.string().max(254).optional(),
  /** The name of a route, or a part of it, or of what it was about. */
  what: z.string().max(254).optional(),
  /** A node by name or id. */
  node: z.string().max(253).optional(),
  result: AuditEntry.shape.result.optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
};

export const AuditQuery = z.strictObject({
  ...search,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** Only entries older than this id, for paging back. */
  before: z.coerce.number().int().positive().optional(),
});
export type AuditQuery = z.input<typeof AuditQuery>;

export const AuditExportQuery = z.strictObject({ ...search, format: z.enum(['csv', 'json']).default('csv') });
export type AuditExportQuery = z.input<typeof AuditExportQuery>;
