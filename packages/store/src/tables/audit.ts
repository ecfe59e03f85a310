import type { AuditEntry } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText, storableText } from '../json-text.ts';
import { type AuditSearch, listAudit, pageOfAudit } from './audit-list.ts';

type Target = NonNullable<AuditEntry['target']>;
export type NewAuditEntry = Pick<AuditEntry, 'who' | 'from' | 'what' | 'target' | 'input' | 'leftOut'>;
export type AuditResult = {
  readonly status: number;
  readonly code: string | null;
  readonly message: string | null;
  /** What was made, where that had no name before. */
  readonly target: Pick<Target, 'id' | 'name'> | null;
  readonly nodes: readonly string[];
  readonly before: AuditEntry['before'];
  readonly after: AuditEntry['after'];
};

/** Who asked for what, and how it ended: only ever appended, and the database itself refuses anything else. */
export type AuditTable = {
  /** Writes that something was asked for, before it is done. Returns the id of the entry. */
  begin(entry: NewAuditEntry): Promise<number>;
  /** Writes how it ended. Once for each entry. */
  end(id: number, result: AuditResult): Promise<void>;
  /** Both in one transaction, for what was refused at the door. */
  record(entry: NewAuditEntry, result: AuditResult): Promise<void>;
  /** Newest first, and the number of all that match. */
  list(
    search: AuditSearch & { readonly limit: number; readonly before?: number | undefined },
  ): Promise<{ items: AuditEntry[]; total: number }>;
  /** Oldest first: the page that follows on an id. */
  page(search: AuditSearch, after: number, limit: number): Promise<AuditEntry[]>;
};

async function insertEntry(queries: Queries, { who, from, what, target, input, leftOut }: NewAuditEntry): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into audit (actor_kind, actor_id, actor_name, actor_role, address, route, target_kind, target_id, target_name, input, left_out)
    values (${who.kind}, ${text(who.id)}, ${storableText(who.name)}, ${who.role}, ${storableText(from)}, ${what},
      ${text(target?.kind)}, ${text(target?.id)}, ${text(target?.name)}, ${input === null ? null : jsonText(input)}::jsonb, ${leftOut})
    returning id`.execute(queries);
  return rows[0]?.id ?? 0;
}

async function insertResult(queries: Queries, id: number, result: AuditResult): Promise<void> {
  const { status, code, message, target, nodes, before, after } = result;
  await sql`
    insert into audit_results (audit_id, status, code, message, target_id, target_name, nodes, before, after)
    values (${id}, ${status}, ${code}, ${text(message)}, ${text(target?.id)}, ${text(target?.name)}, ${nodes.map(storableText)}::text[],
      ${before === null ? null : jsonText(before)}::jsonb, ${after === null ? null : jsonText(after)}::jsonb)`.execute(queries);
}

const text = (value: string | null | undefined): string | null => (value === null || value === undefined ? null : storableText(value));

export function auditTable(database: Database): AuditTable {
  return {
    begin: (entry) => database.run((queries) => insertEntry(queries, entry)),
    end: (id, result) => database.run((queries) => insertResult(queries, id, result)),
    record: (entry, result) => database.transaction(async (queries) => insertResult(queries, await insertEntry(queries, entry), result)),
    list: (search) => database.run((queries) => listAudit(queries, search, search.limit, search.before)),
    page: (search, after, limit) => database.run((queries) => pageOfAudit(queries, search, after, limit)),
  };
}
