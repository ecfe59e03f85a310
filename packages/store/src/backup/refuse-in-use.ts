import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StoreRefused } from '../errors.ts';
import { migrationLock } from '../migrate.ts';

/** The database notices only after a moment that a server which has just been stopped is gone. */
const patienceMs = 3000;

/**
 * Makes sure that nobody else uses the database: a server in operation would go on with what it remembers of before. Servers that start later wait
 * for the lock, which ends with the connection.
 * @throws StoreRefused `in-use`
 */
export async function refuseInUse(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ got: boolean }>(`select pg_try_advisory_lock(${migrationLock}) as got`);
  if (rows[0]?.got !== true) throw inUse('A Muster server that is just starting, or another restore, uses this database.');
  const end = performance.now() + patienceMs;
  for (;;) {
    const others = await otherConnections(client);
    if (others.count === 0) return;
    if (performance.now() > end) throw inUse(`A Muster server uses this database (${others.count} connections, from ${others.from}).`);
    await sleep(100);
  }
}

async function otherConnections(client: pg.Client): Promise<{ count: number; from: string }> {
  const { rows } = await client.query<{ count: number; from: string | null }>(`
    select count(*) as count, string_agg(distinct coalesce(host(client_addr), 'this machine'), ', ') as from from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name = 'muster' and backend_type = 'client backend'`);
  const [found] = rows;
  return { count: found?.count ?? 0, from: found?.from ?? '' };
}

const inUse = (what: string): StoreRefused =>
  new StoreRefused('in-use', `${what} Stop every server of this installation first (systemctl stop muster). Nothing was changed.`);
