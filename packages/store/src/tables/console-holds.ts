import type { ConsoleKind, OpenConsole } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';

/** Who holds it: a server, in this process. */
export type ConsoleHolder = { readonly serverId: string; readonly run: string };
/** A console that this process holds, for as long as its token is the one that counts. */
export type ConsoleHold = { readonly nodeId: string; readonly run: string; readonly token: number };
/** What came of asking for it: it is held, or by whom it is. */
export type ConsoleHolding = { readonly hold: ConsoleHold } | { readonly heldBy: OpenConsole };

/** Which server has the console of a node open; one at a time. All times are the database's. */
export type ConsoleHoldTable = {
  /**
   * Takes a console that is free, run out, or was held by another process of this server, for so many seconds. The node has to be there.
   */
  take(nodeId: string, holder: ConsoleHolder, kind: ConsoleKind, seconds: number): Promise<ConsoleHolding>;
  /** Prolongs it, and says how many watch. False when it is not held any more: then whoever held it must let go. */
  renew(hold: ConsoleHold, viewers: number, seconds: number): Promise<boolean>;
  /** Gives it back. Idempotent; nothing where another has it by now. */
  release(hold: ConsoleHold): Promise<void>;
  /** Those that are open now, in the order of the nodes' names. */
  list(): Promise<OpenConsole[]>;
  find(nodeId: string): Promise<OpenConsole | undefined>;
};

const selection = sql`
  select h.node_id as "nodeId", n.name as "nodeName", h.kind, h.server_id as "serverId", coalesce(m.name, h.server_id) as "serverName",
    case when m.lost_at is null then m.panel_url end as "serverUrl", h.since, h.viewers
  from console_holds h join nodes n on n.id = h.node_id left join members m on m.id = h.server_id`;

async function find(queries: Queries, nodeId: string): Promise<OpenConsole | undefined> {
  const { rows } = await sql<OpenConsole>`${selection} where h.node_id = ${nodeId}::uuid and h.expires_at > now()`.execute(queries);
  return rows[0];
}

async function take(
  database: Database,
  nodeId: string,
  { serverId, run }: ConsoleHolder,
  kind: ConsoleKind,
  seconds: number,
): Promise<ConsoleHolding> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<{ token: number }>`
      insert into console_holds as kept (node_id, server_id, run, kind, expires_at)
      values (${nodeId}::uuid, ${serverId}, ${run}::uuid, ${kind}, now() + make_interval(secs => ${seconds}))
      on conflict (node_id) do update
      set server_id = excluded.server_id, run = excluded.run, kind = excluded.kind, expires_at = excluded.expires_at,
        token = kept.token + 1, viewers = 0, since = now()
      where kept.expires_at <= now() or kept.server_id = excluded.server_id
      returning token`.execute(queries);
    const [row] = rows;
    if (row !== undefined) return { hold: { nodeId, run, token: row.token } };
    const heldBy = await find(queries, nodeId);
    // It ran out between the two statements.
    return heldBy === undefined ? take(database, nodeId, { serverId, run }, kind, seconds) : { heldBy };
  });
}

export function consoleHoldTable(database: Database): ConsoleHoldTable {
  return {
    take: (nodeId, holder, kind, seconds) => take(database, nodeId, holder, kind, seconds),
    renew: ({ nodeId, run, token }, viewers, seconds) =>
      database.run(async (queries) => {
        const { rows } = await sql`
          update console_holds set expires_at = now() + make_interval(secs => ${seconds}), viewers = ${viewers}
          where node_id = ${nodeId}::uuid and run = ${run}::uuid and token = ${token} and expires_at > now() returning node_id`.execute(
          queries,
        );
        return rows.length > 0;
      }),
    release: async ({ nodeId, run, token }) => {
      await database.run((queries) =>
        sql`delete from console_holds where node_id = ${nodeId}::uuid and run = ${run}::uuid and token = ${token}`.execute(queries),
      );
    },
    list: async () => {
      const { rows } = await database.run((queries) =>
        sql<OpenConsole>`${selection} where h.expires_at > now() order by n.name_sort_key, n.name`.execute(queries),
      );
      return rows;
    },
    find: (nodeId) => database.run((queries) => find(queries, nodeId)),
  };
}
