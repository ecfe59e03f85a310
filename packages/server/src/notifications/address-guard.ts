import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Whom a webhook may reach. An administrator of Muster need not be one of the machine it runs on: his webhook must not speak with what
 * listens only for that machine itself, nor with the metadata service of a cloud, which gives out credentials.
 */
export type AddressGuard = {
  /** Why this address of a webhook is refused, as far as its text tells; undefined where it is not. */
  refusalOf(url: string): string | undefined;
  /** Finds the addresses of a name, and fails for one that may not be called: what was checked is what is connected to. */
  readonly lookup: LookupFunction;
};

/** Networks that are this machine itself, or its nearest neighbourhood. */
const forbidden: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  // The metadata service of a cloud, at an address that is not link-local.
  ['fd00:ec2::254', 128],
];

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function listOf(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, familyOf(network));
  return list;
}

const local = listOf(forbidden);
/** An IPv4 address that is written as an IPv6 one: mapped (RFC 4291), translated (RFC 6052), 6to4 (RFC 3056). */
const embedding = listOf([
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['::', 96],
]);

/**
 * Without a list, everything may be called that is not this machine itself or link-local. With one, only what stands there: names
 * (`*.example.org` for all below), addresses, networks (`10.0.0.0/8`).
 */
export function makeAddressGuard(allow: readonly string[] | undefined): AddressGuard {
  const allowed = allow === undefined ? undefined : allowanceOf(allow);
  const refusalOfAddress = (host: string, address: string): string | undefined => {
    if (allowed?.includes(host, address) === true) return undefined;
    if (allowed !== undefined) return `${host} is not among the hosts that webhooks.allow names`;
    return isLocal(address)
      ? `${host} is an address of this machine itself or of its nearest neighbourhood (${address}); where that is meant, name it in webhooks.allow`
      : undefined;
  };
  return {
    refusalOf: (url) => {
      const host = hostOf(url);
      if (isIP(host) !== 0) return refusalOfAddress(host, host);
      if (allowed !== undefined) return allowed.mayInclude(host) ? undefined : refusalOfAddress(host, '');
      return host === 'localhost' || host.endsWith('.localhost') ? refusalOfAddress(host, '127.0.0.1') : undefined;
    },
    lookup: (hostname, options, callback) => {
      const host = hostname.toLowerCase().replace(/\.$/u, '');
      lookup(hostname, { all: true, ...(options.hints === undefined ? {} : { hints: options.hints }) })
        .then((found) => {
          const refusal = found.map(({ address }) => refusalOfAddress(host, address)).find((one) => one !== undefined);
          const [first] = found;
          if (refusal !== undefined || first === undefined) throw new Error(refusal ?? `${host} has no address`);
          if (options.all === true) callback(null, found);
          else callback(null, first.address, first.family);
        })
        .catch((error: NodeJS.ErrnoException) => callback(error, ''));
    },
  };
}

/** The host of a URL as it is compared: without brackets and final dot. The parser has made every way to write an address one. */
const hostOf = (url: string): string =>
  (URL.parse(url)?.hostname ?? '')
    .replace(/^\[|\]$/gu, '')
    .replace(/\.$/u, '')
    .toLowerCase();

function isLocal(address: string): boolean {
  const family = familyOf(address);
  if (local.check(address, family)) return true;
  // Whatever embeds an IPv4 address could lead to any of them: none is needed for a webhook.
  return family === 'ipv6' && embedding.check(address, family);
}

type Allowance = {
  includes(host: string, address: string): boolean;
  /** Whether it can be allowed once its addresses are known. */
  mayInclude(host: string): boolean;
};

function allowanceOf(allow: readonly string[]): Allowance {
  const names = allow.filter((one) => networkOf(one) === undefined).map((one) => one.toLowerCase());
  const networks = allow.map(networkOf).filter((one) => one !== undefined);
  const list = listOf(networks);
  const isNamed = (host: string) => names.some((name) => (name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name));
  return {
    includes: (host, address) => isNamed(host) || (isIP(address) !== 0 && list.check(address, familyOf(address))),
    mayInclude: (host) => isNamed(host) || networks.length > 0,
  };
}

/** `10.0.0.0/8` or a single address; undefined for a name. */
export function networkOf(text: string): readonly [string, number] | undefined {
  const [address = '', prefix, ...rest] = text.replace(/^\[|\]/gu, '').split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return undefined;
  const most = family === 6 ? 128 : 32;
  const length = prefix === undefined ? most : Number(prefix);
  return /^\d{1,3}$/u.test(prefix ?? '0') && length <= most ? [address, length] : undefined;
}
