import type { Facts } from '@muster/api';

/** One spelling for each address: of IPv6 there are many. Text that is no address stays as it is, in lower case. */
export function canonicalAddress(text: string): string {
  const address = (text.split('%', 1)[0] ?? '').toLowerCase();
  if (!address.includes(':')) return address;
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address;
}

/** RFC 1918, RFC 6598, RFC 3927, loopback, and RFC 4193, RFC 4291: addresses that mean nothing in the internet. */
const notGlobal =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.|::1?$|f[cd]|fe[89ab])/u;

/** Whether an address can be reached from anywhere. */
export const isGlobalAddress = (canonical: string): boolean => !notGlobal.test(canonical);

/** Interfaces of bridges, containers and tunnels: their addresses are seldom what a cluster calls a machine by. */
const besideTheNetwork = /^(?:docker|br-|virbr|veth|cni|flannel|cali|lxc|lxd|tun|tap|wg|zt|podman|kube|nodelocaldns)/u;

/**
 * What the agent would say were it asked for one address: IPv4 before IPv6, a real interface before one of a bridge or container, in the
 * order of its report; null where it reported none. Pure.
 */
export function mainAddressOf(facts: Facts | null): string | null {
  const [first] = (facts?.addresses ?? []).toSorted((a, b) => rank(a) - rank(b));
  return first === undefined ? null : canonicalAddress(first.address);
}

const rank = ({ interface: name, family }: Facts['addresses'][number]): number =>
  (besideTheNetwork.test(name) ? 2 : 0) + (family === 'ipv6' ? 1 : 0);

/** Addresses as numbers: IPv4 before IPv6, and 10.0.0.9 before 10.0.0.10. Pure. */
export function addressOrder(a: string, b: string): number {
  const [left, right] = [groupsOf(canonicalAddress(a)), groupsOf(canonicalAddress(b))];
  if (left.length !== right.length) return left.length - right.length;
  const at = left.findIndex((group, index) => group !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

/** Four numbers of an IPv4 address, eight of an IPv6 one. */
function groupsOf(canonical: string): number[] {
  if (!canonical.includes(':')) return canonical.split('.').map(Number);
  const [before = '', after] = canonical.split('::');
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [numbers(before), numbers(after ?? '')];
  return [...head, ...Array.from({ length: after === undefined ? 0 : 8 - head.length - tail.length }, () => 0), ...tail];
}
