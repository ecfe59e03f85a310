import type { NodeViewQuery } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { violatedConstraint } from '../database-error.ts';
import { ViewExists, ViewNotFound } from '../errors.ts';
import { jsonText, storableText } from '../json-text.ts';

/** A view as it is kept. `owner` tells people apart, `ownerName` is for people. */
export type StoredView = {
  readonly id: string;
  readonly owner: string;
  readonly ownerName: string;
  readonly name: string;
  readonly shared: boolean;
  readonly query: NodeViewQuery;
  readonly updatedAt: string;
};

type Decided = Pick<StoredView, 'name' | 'shared' | 'query'>;

/** Lists of nodes that people keep by a name: unique for each owner, and among the shared ones. */
export type ViewTable = {
  /** The owner's own and all shared ones, by name. */
  list(owner: string): Promise<StoredView[]>;
  /** @throws ViewNotFound */
  get(id: string): Promise<StoredView>;
  /** @throws ViewExists */
  add(owner: string, ownerName: string, view: Decided): Promise<StoredView>;
  /** @throws ViewNotFound, ViewExists */
  replace(id: string, view: Decided): Promise<StoredView>;
  /** @throws ViewNotFound */
  remove(id: string): Promise<void>;
};

const columns = sql`id, owner, owner_name as "ownerName", name, shared, query, updated_at as "updatedAt"`;

async function written(view: Decided, statement: Promise<{ rows: StoredView[] }>): Promise<StoredView> {
  try {
    return one((await statement).rows);
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'node_views_own_name' || constraint === 'node_views_shared_name')
      throw new ViewExists(view.name, view.shared, { cause: error });
    throw error;
  }
}

function one(rows: readonly StoredView[]): StoredView {
  const [row] = rows;
  if (row === undefined) throw new ViewNotFound();
  return row;
}

const add = (queries: Queries, owner: string, ownerName: string, view: Decided): Promise<StoredView> =>
  written(
    view,
    sql<StoredView>`
      insert into node_views (owner, owner_name, name, shared, query)
      values (${storableText(owner)}, ${storableText(ownerName)}, ${storableText(view.name)}, ${view.shared}, ${jsonText(view.query)}::jsonb)
      returning ${columns}`.execute(queries),
  );

const replace = (queries: Queries, id: string, view: Decided): Promise<StoredView> =>
  written(
    view,
    sql<StoredView>`
      update node_views set name = ${storableText(view.name)}, shared = ${view.shared}, query = ${jsonText(view.query)}::jsonb, updated_at = now()
      where id = ${id} returning ${columns}`.execute(queries),
  );

export function viewTable(database: Database): ViewTable {
  return {
    list: async (owner) => {
      const { rows } = await database.run((queries) =>
        sql<StoredView>`select ${columns} from node_views where owner = ${storableText(owner)} or shared
          order by natural_sort_key(name) collate "C", name, shared`.execute(queries),
      );
      return rows;
    },
    get: (id) =>
      database.run(async (queries) =>
        one((await sql<StoredView>`select ${columns} from node_views where id = ${id}`.execute(queries)).rows),
      ),
    add: (owner, ownerName, view) => database.run((queries) => add(queries, owner, ownerName, view)),
    replace: (id, view) => database.run((queries) => replace(queries, id, view)),
    remove: async (id) => {
      const removed = await database.run((queries) => queries.deleteFrom('node_views').where('id', '=', id).executeTakeFirst());
      if (removed.numDeletedRows === 0n) throw new ViewNotFound();
    },
  };
}
