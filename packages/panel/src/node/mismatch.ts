import type { Node } from '@muster/api';

/** A value that a person decided and the agent reports otherwise. */
export type Mismatch = { readonly what: 'hostname' | 'private IP'; readonly decided: string; readonly reported: string };

/**
 * Whether a machine's hostname contradicts its node's name. A machine may call itself by its first label or by its full name, so
 * `n1` and `n1.example.org` agree, and `n1.a` and `n1.b` do not.
 */
export function hostnameDiffers(name: string, hostname: string): boolean {
  const ours = name.toLowerCase();
  const theirs = hostname.toLowerCase().replace(/\.$/u, '');
  if (ours === theirs) return false;
  const firstOf = (text: string) => text.split('.', 1)[0];
  const isShort = !ours.includes('.') || !theirs.includes('.');
  return !(isShort && firstOf(ours) === firstOf(theirs));
}

/** One spelling for each address: IPv6 has many. Text that is no address stays as it is. */
function canonical(address: string): string {
  if (!address.includes(':')) return address;
  const url = `http://[${address.split('%', 1)[0]}]/`;
  return URL.canParse(url) ? new URL(url).hostname : address.toLowerCase();
}

/**
 * Where a node differs from what its agent found. A public address is often that of a router in front of the machine, so its absence from the
 * machine is no mismatch.
 */
export function mismatchesOf(node: Node): Mismatch[] {
  const { facts, name, privateIp } = node;
  if (facts === null) return [];
  const found: Mismatch[] = [];
  if (hostnameDiffers(name, facts.hostname)) found.push({ what: 'hostname', decided: name, reported: facts.hostname });
  const reported = facts.addresses.map((one) => one.address);
  if (privateIp !== null && reported.length > 0 && !reported.some((one) => canonical(one) === canonical(privateIp))) {
    found.push({ what: 'private IP', decided: privateIp, reported: reported.join(', ') });
  }
  return found;
}
