import type { HostRun, Run } from '../engine/phase.ts';
import { databaseUrlOf } from './members.ts';
import { musterRole } from './patroni-files.ts';
import { authorityPath, inUrl, postgresPort } from './places.ts';
import { poolOf } from './record-phase.ts';
import type { PoolRecord } from './record.ts';

/** How a server reaches the database of its pool: every copy by its address, and it finds the primary among them. */
export function poolDatabaseUrl({ members, passwords }: PoolRecord): string {
  const hosts = members.filter(({ kind }) => kind === 'database').map(({ address }) => `${inUrl(address)}:${postgresPort}`);
  return `postgresql://${musterRole}:${passwords.muster}@${hosts.join(',')}/${musterRole}?sslmode=verify-ca&sslrootcert=${encodeURIComponent(authorityPath)}`;
}

/** The database that the server of a host is told to use; undefined for the embedded one. */
export const wantedDatabaseUrl = ({ host }: HostRun, run: Run): string | undefined =>
  host.roles.includes('database') ? poolDatabaseUrl(poolOf(run)) : databaseUrlOf(host);
