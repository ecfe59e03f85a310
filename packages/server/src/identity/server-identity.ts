import { serverIdentity } from '@muster/api';
import { type Authority, makeKeyAndCsr } from '@muster/trust';
import { serverNames } from './machine-addresses.ts';

/** The server's own certificate with the intermediate, and its key, PEM. */
export type ServerIdentity = { readonly chainPem: string; readonly keyPem: string };

/** One day less than browsers accept (CA/Browser Forum, Baseline Requirements 6.3.2). */
export const serverCertificateDays = 397;

/**
 * Makes the key and certificate of this server, anew at each start: the key is never written anywhere. Agents check it by the
 * fixed name of all servers; people's browsers by the names and addresses of this one; other servers of the pool by its id.
 */
export async function makeServerIdentity(
  authority: Authority,
  hosts: readonly string[],
  now: Date,
  serverId?: string,
): Promise<ServerIdentity> {
  const { dnsNames, ipAddresses } = serverNames(hosts.map((host) => host.replace(/:\d+$/u, '').replace(/^\[|\]$/gu, '')));
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
  const named = { dnsNames, ipAddresses, ...(serverId === undefined ? {} : { serverId }) };
  const { chainPem } = await authority.signServer({ csrPem, ...named, lifetimeDays: serverCertificateDays, now });
  return { chainPem, keyPem };
}
