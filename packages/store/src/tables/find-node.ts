import { sql } from 'kysely';
import type { Queries } from '../database.ts';
import { NodeNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** Whether text is an id as the database makes them. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** What tells a node apart, and what may change only under a lock. */
export type LockedNode = {
  id: string;
  name: string;
  private_ip: string | null;
  public_ip: string | null;
  revision: number;
  registered_at: string | null;
  certificate_serial: string | null;
};

/** The node's id. A name may look like an id; then the id counts. @throws NodeNotFound */
export async function nodeIdOf(queries: Queries, idOrName: string): Promise<string> {
  const id = isUuid(idOrName) ? idOrName : null;
  const { rows } = await sql<{ id: string }>`
    select id from nodes where id = ${id}::uuid or name = ${storableText(idOrName)} order by id = ${id}::uuid desc limit 1`.execute(
    queries,
  );
  const [row] = rows;
  if (row === undefined) throw new NodeNotFound(idOrName);
  return row.id;
}

/**
 * The node's row, locked until the end of the transaction. Everything that changes what belongs to a node (tokens, certificates)
 * takes this lock first: so they follow one another and cannot deadlock. @throws NodeNotFound
 */
export async function lockNode(queries: Queries, idOrName: string): Promise<LockedNode> {
  const id = await nodeIdOf(queries, idOrName);
  const row = await queries
    .selectFrom('nodes')
    .select(['id', 'name', 'private_ip', 'public_ip', 'revision', 'registered_at', 'certificate_serial'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new NodeNotFound(idOrName);
  return row;
}
