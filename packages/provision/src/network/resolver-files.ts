import { createHash } from 'node:crypto';
import type { ManagedFile } from '../host/managed-file.ts';
import { markedFile } from './marked-file.ts';

export const resolvConfPath = '/etc/resolv.conf';
export const resolvedDropIn = '/etc/systemd/resolved.conf.d/muster.conf';
export const resolvedUnit = 'systemd-resolved.service';

/** As many as the C library asks. */
const mostResolvers = 3;

/**
 * The servers in the order in which a node asks them: each node begins with another one, so that they share the work, and always with the same
 * one, so that a node more or less changes nothing for the others. Pure.
 */
export function resolverOrder(node: string, servers: readonly string[]): string[] {
  const start = servers.length === 0 ? 0 : createHash('sha256').update(node).digest().readUInt32BE(0) % servers.length;
  return [...servers.slice(start), ...servers.slice(0, start)].slice(0, mostResolvers);
}

/** What a node's resolver is to know. */
export type ResolverPlan = {
  readonly servers: readonly string[];
  readonly domain: string | undefined;
  /** Other domains in which it looks for short names, as it had them. */
  readonly searched: readonly string[];
};

/** /etc/resolv.conf where that is a plain file. A server that is dead costs a name a second, not five. Pure. */
export function resolvConf({ servers, domain, searched }: ResolverPlan): ManagedFile {
  const search = [...(domain === undefined ? [] : [domain]), ...searched.filter((one) => one !== domain)];
  const body = [
    ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
    ...servers.map((server) => `nameserver ${server}`),
    'options timeout:1 attempts:2',
  ];
  return markedFile(resolvConfPath, body.map((line) => `${line}\n`).join(''));
}

/** The same for systemd-resolved. `~.`: before the resolvers that an interface brings. Pure. */
export function resolvedSettings({ servers, domain }: ResolverPlan): ManagedFile {
  const domains = [...(domain === undefined ? [] : [domain]), '~.'];
  return markedFile(resolvedDropIn, `[Resolve]\nDNS=${servers.join(' ')}\nDomains=${domains.join(' ')}\n`);
}
