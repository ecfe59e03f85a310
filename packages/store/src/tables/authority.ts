import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { type AuthorityState, incompleteAuthority, insertAuthority, type NewStoredAuthority, readAuthorities } from './authority-rows.ts';
import { readServers, readStandings, type AuthorityServer, type NodeRoots } from './authority-standings.ts';
import { type AuthorityStepping, stepAuthority } from './authority-step.ts';

/** The certificate authority of this installation. */
export type AuthorityTable = {
  /** Null on the very first start. */
  load(): Promise<AuthorityState | null>;
  /** Keeps the first authority unless there is one, and returns what is kept: of several servers that start at once, all get the same. */
  saveIfAbsent(authority: NewStoredAuthority): Promise<AuthorityState>;
  /**
   * Takes a step of a replacement. Nobody else takes one meanwhile, no certificate is signed by an authority while it is dropped, and what
   * `decide` is shown holds until its decision is kept; event `authority-rotation`. `decide` may be called again after a deadlock; what it
   * throws leaves everything as it was.
   */
  step(decide: AuthorityStepping): Promise<AuthorityState>;
  /** What is known of every node that has a certificate in use. */
  standings(): Promise<NodeRoots[]>;
  /** Keeps which roots an agent trusts, by their fingerprints. Returns whether that is new. */
  saveRoots(nodeId: string, roots: readonly string[]): Promise<boolean>;
  /** A server says which authority it shows, and which it trusts. */
  saveServer(server: Omit<AuthorityServer, 'seen'>): Promise<void>;
  /** Servers heard within the last minutes. */
  servers(): Promise<AuthorityServer[]>;
};

export function authorityTable(database: Database): AuthorityTable {
  return {
    load: async () => (await database.run(readAuthorities)) ?? null,
    saveIfAbsent: (authority) =>
      database.transaction(async (queries) => {
        // Whoever comes second waits for the first row and then writes none.
        await insertAuthority(queries, 1, authority);
        const kept = await readAuthorities(queries);
        if (kept === undefined) throw incompleteAuthority();
        return kept;
      }),
    step: (decide) => stepAuthority(database, decide),
    standings: () => database.run(readStandings),
    saveRoots: async (nodeId, roots) => {
      const { rows } = await database.run((queries) =>
        sql`insert into node_roots (node_id, roots) select id, ${[...roots]}::text[] from nodes where id = ${nodeId} for key share
          on conflict (node_id) do update set roots = excluded.roots, reported_at = now() where node_roots.roots is distinct from excluded.roots
          returning node_id`.execute(queries),
      );
      return rows.length > 0;
    },
    saveServer: async ({ serverId, name, shows, trusts }) => {
      await database.run((queries) =>
        sql`insert into authority_servers (server_id, name, shows, trusts) values (${serverId}, ${name}, ${shows}, ${[...trusts]}::integer[])
          on conflict (server_id) do update
          set name = excluded.name, shows = excluded.shows, trusts = excluded.trusts, seen_at = now()`.execute(queries),
      );
    },
    servers: () => database.run(readServers),
  };
}
