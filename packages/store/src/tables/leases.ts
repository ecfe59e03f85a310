import type { Lease } from '@muster/api';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { LeaseLost } from '../errors.ts';

/** A lease that somebody holds: its token is its own as long as nobody else had it in between. */
export type HeldLease = { readonly name: string; readonly token: number };

/** What one member at a time may do. All times are the database's. */
export type LeaseTable = {
  /**
   * Takes or prolongs those of the names that are free, run out, or held by this server already, for so many seconds from now. One that another
   * process of this server held passes to this one at once, with a new token. Returns those that are held now.
   */
  hold(holder: { readonly serverId: string; readonly run: string }, names: readonly string[], seconds: number): Promise<HeldLease[]>;
  /** Gives back all that this process holds, so that others need not wait. Idempotent. */
  release(run: string): Promise<void>;
  list(): Promise<Lease[]>;
};

export function leaseTable(database: Database): LeaseTable {
  return {
    hold: async ({ serverId, run }, names, seconds) => {
      if (names.length === 0) return [];
      const sorted = [...new Set(names)].toSorted();
      const { rows } = await database.run((queries) =>
        sql<HeldLease>`
          insert into leases as l (name, holder, run, expires_at)
          select name, ${serverId}, ${run}::uuid, now() + make_interval(secs => ${seconds}) from unnest(${sorted}::text[]) as wanted (name)
          on conflict (name) do update set holder = excluded.holder, run = excluded.run, expires_at = excluded.expires_at,
            token = case when l.run = excluded.run and l.expires_at > now() then l.token else l.token + 1 end,
            acquired_at = case when l.run = excluded.run and l.expires_at > now() then l.acquired_at else now() end
          where l.holder = excluded.holder or l.expires_at <= now()
          returning l.name, l.token`.execute(queries),
      );
      return rows;
    },
    release: async (run) => {
      await database.run((queries) =>
        sql`update leases set expires_at = now() where run = ${run}::uuid and expires_at > now()`.execute(queries),
      );
    },
    list: async () => {
      const { rows } = await database.run((queries) =>
        sql<Lease>`
          select name, case when expires_at > now() then holder end as "serverId", acquired_at as "since", token from leases order by name`.execute(
          queries,
        ),
      );
      return rows;
    },
  };
}

/**
 * A way to the same database on which every statement takes effect only while the lease is still this one: the check is part of its
 * transaction, and whoever takes the lease over waits for its end. A process that was stopped for a while and wakes up changes nothing
 * (M. Kleppmann, "How to do distributed locking", 2016). Each statement throws LeaseLost otherwise.
 */
export function fencedBy({ name, token }: HeldLease, database: Database): Database {
  const guarded: Database['transaction'] = (work) =>
    database.transaction(async (queries) => {
      const { rows } = await sql`
        select from leases where name = ${name} and token = ${token} and expires_at > now() for share`.execute(queries);
      if (rows.length === 0) throw new LeaseLost(name);
      return work(queries);
    });
  return { ...database, run: guarded, transaction: guarded };
}
