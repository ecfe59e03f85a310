import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { appendEvents } from './events.ts';

/** A node and the servers it turns to. */
export type NodeServers = {
  readonly nodeId: string;
  /** Its label `zone`. */
  readonly zone: string | null;
  /** Ids of members in its order; empty where nothing was decided yet. */
  readonly servers: readonly string[];
  /** Those an administrator wants first. */
  readonly wish: readonly string[];
};

/** Which servers each node turns to. */
export type NodeServerTable = {
  /** All nodes. */
  list(): Promise<NodeServers[]>;
  /** Writes what was decided; nodes that were removed meanwhile are passed over. */
  save(decided: readonly Pick<NodeServers, 'nodeId' | 'servers'>[]): Promise<void>;
  /** These nodes are to be on that server from now on; null: where the pool puts them. Told by one event. Idempotent. */
  wish(nodeIds: readonly string[], member: { readonly id: string; readonly name: string } | null, by: string): Promise<void>;
};

export function nodeServerTable(database: Database): NodeServerTable {
  return {
    list: async () => {
      const { rows } = await database.run((queries) =>
        sql<NodeServers>`
          select n.id as "nodeId", n.labels->>'zone' as zone, coalesce(s.servers, '{}') as servers, coalesce(s.wish, '{}') as wish
          from nodes n left join node_servers s on s.node_id = n.id`.execute(queries),
      );
      return rows;
    },
    save: async (decided) => {
      if (decided.length === 0) return;
      await database.run((queries) =>
        sql`
          insert into node_servers (node_id, servers)
          select n.id, array(select jsonb_array_elements_text(one->'servers'))
          from jsonb_array_elements(${jsonText(decided)}::jsonb) as given (one) join nodes n on n.id = (one->>'nodeId')::uuid
          order by n.id
          on conflict (node_id) do update set servers = excluded.servers`.execute(queries),
      );
    },
    wish: (nodeIds, member, by) =>
      database.transaction(async (queries) => {
        const wish = member === null ? [] : [member.id];
        await sql`
          insert into node_servers (node_id, wish)
          select id, ${wish}::text[] from nodes where id = any (${[...nodeIds]}::uuid[]) order by id
          on conflict (node_id) do update set wish = excluded.wish`.execute(queries);
        const where = member === null ? 'where the pool puts them' : `to ${member.name}`;
        const message = `${nodeIds.length} ${nodeIds.length === 1 ? 'node goes' : 'nodes go'} ${where} (${by}).`;
        await appendEvents(queries, [
          { kind: 'nodes-moved', severity: 'info', nodeId: null, nodeName: null, message, data: { nodeIds, to: member?.id ?? null } },
        ]);
      }),
  };
}
