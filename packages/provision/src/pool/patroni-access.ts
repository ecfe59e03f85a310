import type { HostRun, Run } from '../engine/phase.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { authorityPath, inUrl, patroniPort, poolFolder } from './places.ts';
import { poolOf } from './record-phase.ts';

/** The password by which a server may tell Patroni to make another copy the primary; for the server's own user alone. */
export const patroniPasswordPath = `${poolFolder}/patroni-password`;

/** What a server's configuration says of Patroni. */
export type PatroniAccess = { readonly urls: readonly string[]; readonly passwordFile: string; readonly caFile: string };

const hasAccess = ({ host }: HostRun): boolean => host.roles.includes('database');

/** Each Patroni of the pool by its address, and how it is known; undefined for a server whose database is not the pool's. */
export function patroniAccess(host: HostRun, run: Run): PatroniAccess | undefined {
  if (!hasAccess(host)) return undefined;
  const full = poolOf(run).members.filter(({ kind }) => kind === 'database');
  const urls = full.map(({ address }) => `https://${inUrl(address)}:${patroniPort}`);
  return { urls, passwordFile: patroniPasswordPath, caFile: authorityPath };
}

/** The file with the password, where there is to be one. */
export function patroniPassword(host: HostRun, run: Run): ManagedFile | undefined {
  if (!hasAccess(host)) return undefined;
  return { path: patroniPasswordPath, content: `${poolOf(run).passwords.rest}\n`, mode: 0o600, owner: 'muster:muster' };
}
