import type { Lease } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
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

type Holder = Parameters<LeaseTable['hold']>[0];

/** Waits for nobody: what is done under a lease locks its key only, which this does not touch. */
async function renew(queries: Queries, { run }: Holder, names: readonly string[], seconds: number): Promise<HeldLease[]> {
  const { rows } = await sql<HeldLease>`
    with mine as (
      select name from leases where name = any (${[...names]}::text[]) and run = ${run}::uuid and expires_at > now()
      order by name for no key update skip locked
    )
    update leases l set expires_at = now() + make_interval(secs => ${seconds}) from mine where l.name = mine.name
    returning l.name, l.token`.execute(queries);
  return rows;
}

/**
 * Takes what is free. `for update` waits in no case: a lease under which something is just being done is passed over, and taken at the next try,
 * so that one that hangs holds up none of the others.
 */
function take(database: Database, { serverId, run }: Holder, names: readonly string[], seconds: number): Promise<HeldLease[]> {
  return database.transaction(async (queries) => {
    await sql`
      insert into leases (name, holder, run, expires_at) select name, '', ${run}::uuid, '-infinity' from unnest(${[...names]}::text[]) as wanted (name)
      where not exists (select from leases l where l.name = wanted.name)
      on conflict do nothing`.execute(queries);
    const { rows } = await sql<HeldLease>`
      with free as (
        select name from leases where name = any (${[...names]}::text[]) and (holder = ${serverId} or expires_at <= now())
        order by name for update skip locked
      )
      update leases l
      set holder = ${serverId}, run = ${run}::uuid, token = l.token + 1, acquired_at = now(), expires_at = now() + make_interval(secs => ${seconds})
      from free where l.name = free.name
      returning l.name, l.token`.execute(queries);
    return rows;
  });
}

export function leaseTable(database: Database): LeaseTable {
  return {
    hold: async (holder, names, seconds) => {
      const sorted = [...new Set(names)].toSorted();
      if (sorted.length === 0) return [];
      const renewed = await database.run((queries) => renew(queries, holder, sorted, seconds));
      const missing = sorted.filter((name) => !renewed.some((one) => one.name === name));
      return missing.length === 0 ? renewed : [...renewed, ...(await take(database, holder, missing, seconds))];
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
 * transaction, and nobody takes the lease over before its end. A process that was stopped for a while and wakes up changes nothing
 * (M. Kleppmann, "How to do distributed locking", 2016). Each statement throws LeaseLost otherwise.
 */
export function fencedBy({ name, token }: HeldLease, database: Database): Database {
  const guarded: Database['transaction'] = (work) =>
    database.transaction(async (queries) => {
      // A server that stops in the middle of this must not keep the lease from the others for as long as other transactions may be idle.
      await sql`select set_config('idle_in_transaction_session_timeout', '3000', true)`.execute(queries);
      const { rows } = await sql`
        select from leases where name = ${name} and token = ${token} and expires_at > now() for key share`.execute(queries);
      if (rows.length === 0) throw new LeaseLost(name);
      return work(queries);
    });
  return { ...database, run: guarded, transaction: guarded };
}
