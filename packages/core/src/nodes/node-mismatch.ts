import type { Facts, Node, NodeMismatch } from '@muster/api';
import { canonicalAddress, isGlobalAddress } from './addresses.ts';

/**
 * Whether a machine's host name contradicts its node's name. A machine may call itself by its first label or by its full name, so `n1` and
 * `n1.example.org` agree, and `n1.a` and `n1.b` do not. Case and a dot at the end mean nothing (RFC 4343).
 */
export function hostnameDiffers(name: string, hostname: string): boolean {
  const ours = name.toLowerCase();
  const theirs = hostname.toLowerCase().replace(/\.$/u, '');
  if (ours === theirs) return false;
  const firstOf = (text: string) => text.split('.', 1)[0];
  const isShort = !ours.includes('.') || !theirs.includes('.');
  return !(isShort && firstOf(ours) === firstOf(theirs));
}

const familyOf = (canonical: string): string => (canonical.includes(':') ? 'ipv6' : 'ipv4');

/**
 * What was decided about a node and is reported otherwise, with both values. A public address is often that of a router before the
 * machine: it is a mismatch only where the machine has public addresses of that family, and this is none of them. Pure.
 */
export function mismatchesOf(decided: Pick<Node, 'name' | 'privateIp' | 'publicIp'>, facts: Facts | null): NodeMismatch[] {
  if (facts === null) return [];
  const { name, privateIp, publicIp } = decided;
  const found: NodeMismatch[] = [];
  if (hostnameDiffers(name, facts.hostname)) found.push({ member: 'hostname', decided: name, reported: facts.hostname });
  const reported = facts.addresses.map(({ address }) => canonicalAddress(address));
  if (privateIp !== null && reported.length > 0 && !reported.includes(canonicalAddress(privateIp)))
    found.push({ member: 'privateIp', decided: privateIp, reported: reported.join(', ') });
  const ofItsKind = publicIp === null ? [] : reported.filter((one) => isGlobalAddress(one) && familyOf(one) === familyOf(publicIp));
  if (publicIp !== null && ofItsKind.length > 0 && !ofItsKind.includes(canonicalAddress(publicIp)))
    found.push({ member: 'publicIp', decided: publicIp, reported: ofItsKind.join(', ') });
  return found;
}
