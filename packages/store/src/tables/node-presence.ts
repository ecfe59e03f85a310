import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { ageMs } from './age.ts';

/** When a node was last heard, by the database's clock. */
export type LastSeen = {
  readonly nodeId: string;
  /** Milliseconds since its last heartbeat; null when it was never heard. */
  readonly heartbeatAgeMs: number | null;
  readonly connected: boolean;
  /** The server that holds, or last held, its connection. */
  readonly serverId: string | null;
};

/** What outlives a server's own picture of who is there. Unknown and removed nodes are passed over. */
export type PresenceTable = {
  /**
   * Writes any number of heartbeats in one statement, at the database's time. `clockSkewMs`: the node's clock minus the server's. A node that
   * is connected to another server stays that one's: what was heard before it went over may be written after.
   */
  recordHeartbeats(heard: readonly { readonly nodeId: string; readonly clockSkewMs: number }[], serverId: string): Promise<void>;
  /**
   * A server's connection to the node opened or ended. The end of a connection that another server has taken over changes nothing. Returns
   * whether it holds now: false where the node is another server's, or gone. Bears repetition, with the same answer.
   */
  setConnected(nodeId: string, serverId: string, connected: boolean): Promise<boolean>;
  /** These nodes are connected to the server after all, where nobody else has them: it was held to be gone, and is not. */
  claim(nodeIds: readonly string[], serverId: string): Promise<void>;
  /** At a server's start: no node is connected to it. Returns the nodes that were said to be. */
  resetServer(serverId: string): Promise<string[]>;
  /** The server that holds the connection of a node's agent; undefined where none does. */
  serverOf(nodeId: string): Promise<string | undefined>;
  /** All nodes. */
  lastSeen(): Promise<LastSeen[]>;
};

export function presenceTable(database: Database): PresenceTable {
  return {
    recordHeartbeats: async (heard, serverId) => {
      if (heard.length === 0) return;
      const [ids, skews] = [heard.map((one) => one.nodeId), heard.map((one) => one.clockSkewMs)];
      // Locked in the order of ids: servers that write the same nodes at once wait for each other and cannot deadlock.
      await database.run((queries) =>
        sql`with heard as (
            select node_id, skew from unnest(${ids}::uuid[], ${skews}::double precision[]) as given (node_id, skew)
          ),
          locked as (
            select node_id from node_presence where node_id = any (${ids}::uuid[]) order by node_id for no key update
          )
          update node_presence p
          set last_heartbeat_at = now(), server_id = case when p.connected then coalesce(p.server_id, ${serverId}) else ${serverId} end,
            clock_skew_ms = heard.skew
          from heard join locked using (node_id)
          where p.node_id = heard.node_id`.execute(queries),
      );
    },
    setConnected: async (nodeId, serverId, connected) => {
      const { numUpdatedRows } = await database.run((queries) => {
        const update = queries.updateTable('node_presence').set({ connected, server_id: serverId }).where('node_id', '=', nodeId);
        return (connected ? update : update.where('server_id', '=', serverId)).executeTakeFirst();
      });
      return numUpdatedRows > 0;
    },
    claim: async (nodeIds, serverId) => {
      await database.run((queries) =>
        sql`
          with mine as (
            select node_id from node_presence where node_id = any (${[...nodeIds]}::uuid[]) and not connected order by node_id for no key update
          )
          update node_presence p set connected = true, server_id = ${serverId} from mine where p.node_id = mine.node_id`.execute(queries),
      );
    },
    resetServer: async (serverId) => {
      const rows = await database.run((queries) =>
        queries
          .updateTable('node_presence')
          .set({ connected: false })
          .where('server_id', '=', serverId)
          .where('connected', '=', true)
          .returning('node_id')
          .execute(),
      );
      return rows.map((row) => row.node_id);
    },
    serverOf: async (nodeId) => {
      const row = await database.run((queries) =>
        queries
          .selectFrom('node_presence')
          .select('server_id')
          .where('node_id', '=', nodeId)
          .where('connected', '=', true)
          .executeTakeFirst(),
      );
      return row?.server_id ?? undefined;
    },
    lastSeen: async () => {
      const { rows } = await database.run((queries) =>
        sql<LastSeen>`select node_id as "nodeId", connected, server_id as "serverId",
            ${ageMs('last_heartbeat_at')} as "heartbeatAgeMs"
          from node_presence`.execute(queries),
      );
      return rows;
    },
  };
}
