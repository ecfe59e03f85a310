import { isIP } from 'node:net';
import { TrustError, quoted } from './trust-error.ts';

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/u;

/** Whether a text is a lower-case host name (RFC 1123), without wildcard. */
export function isHostName(name: string): boolean {
  return hostName.test(name);
}

const longestCommonName = 64;

/**
 * The common name of a certificate for this name. RFC 5280 (ub-common-name) allows 64 characters, host names have up to 253: a
 * longer one stands there by its first label; the whole name is always in the subject alternative names.
 */
export function commonNameOf(name: string): string {
  if (name.length <= longestCommonName) return name;
  const firstDot = name.indexOf('.');
  return name.slice(0, firstDot === -1 ? longestCommonName : Math.min(firstDot, longestCommonName));
}

/** @throws TrustError `invalid-name` unless the name is a lower-case host name. */
export function requireHostName(name: string, whose: string): void {
  if (isHostName(name)) return;
  throw new TrustError({
    code: 'invalid-name',
    what: `${quoted(name)} cannot be ${whose}`,
    advice: 'Use lower-case letters, digits and hyphens, in labels of at most 63 characters, 253 in all (RFC 1123).',
  });
}

function canonicalAddress(address: string): string {
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 4) return address;
  if (version === 6) return new URL(`http://[${address}]`).hostname.slice(1, -1);
  throw new TrustError({
    code: 'invalid-address',
    what: `${quoted(address)} is not an IPv4 or IPv6 address`,
    advice: 'Give addresses without prefix length and without zone, such as 10.0.0.5 or fd00::5.',
  });
}

/**
 * The addresses in one spelling each (IPv6 compressed, without embedded IPv4), each once, in their order.
 * @throws TrustError `invalid-address`
 */
export function canonicalAddresses(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map(canonicalAddress))];
}
