import type { DatabaseSight, SeenCopy, SeenReplica } from '@muster/core';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { placeOf } from './host-urls.ts';
import { positionSql } from './probe.ts';
import type { Route } from './route.ts';

const mayLook = sql`pg_has_role(current_user, 'pg_read_all_stats', 'usage') or (select rolsuper from pg_roles where rolname = current_user)`;

/** What is behind is what is not on the copy's disk: for that a commit waits. */
const replicas = sql<SeenReplica>`
  select application_name as name, host(client_addr) as address, state = 'streaming' as "isStreaming",
    sync_state in ('sync', 'quorum') as "isSynchronous",
    greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn), 0)::bigint as "lagBytes",
    coalesce(extract(epoch from flush_lag), 0)::double precision as "lagSeconds"
  from pg_stat_replication order by application_name`;

/** Who copies the database, as the primary tells; null where it does not answer, or not to us. */
async function replicasOf(database: Database): Promise<SeenReplica[] | null> {
  try {
    return await database.run(async (queries) => {
      const { rows } = await sql<{ may: boolean }>`select ${mayLook} as may`.execute(queries);
      return rows[0]?.may === true ? (await replicas.execute(queries)).rows : null;
    });
  } catch {
    // That it does not answer shows in what else is seen; what a managed service forbids is not known.
    return null;
  }
}

/** The one database where no others are named. */
async function only(database: Database, place: string): Promise<SeenCopy> {
  try {
    return await database.run(async (queries) => {
      const { rows } = await sql<{ standby: boolean; position: number | null }>`
        select pg_is_in_recovery() as standby, (${sql.raw(positionSql)} - '0/0'::pg_lsn)::bigint as position`.execute(queries);
      const [row] = rows;
      return { place, role: row?.standby === false ? 'primary' : 'replica', positionBytes: row?.position ?? null };
    });
  } catch {
    return { place, role: 'silent', positionBytes: null };
  }
}

/** The database and its copies as this process sees them. Never rejects; where several are named it does not wait for one that hangs. */
export async function seeDatabase(database: Database, route: Route, connection: { readonly url?: string }): Promise<DatabaseSight> {
  const seen = route.seen();
  if (seen === undefined) {
    const copy = await only(database, connection.url === undefined ? 'embedded' : placeOf(connection.url));
    return { copies: [copy], replicas: await replicasOf(database), lastPrimaryBytes: copy.positionBytes };
  }
  const hasPrimary = seen.copies.some(({ role }) => role === 'primary');
  return { ...seen, replicas: hasPrimary ? await replicasOf(database) : null };
}
