import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import type { InterfaceAddress } from '@muster/api/agent';
import { boundedText } from './bounded-text.ts';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

const maxAddresses = 256;
/** RFC 3927 and RFC 4291: addresses that mean nothing beyond their own link. */
const isLinkLocal = (address: string): boolean => /^169\.254\.|^fe[89ab][0-9a-f]:/iu.test(address);

/** IPv4 and IPv6 addresses of the machine without loopback and link-local, in an order that does not change by itself. */
export function readAddresses(ask: () => Interfaces = networkInterfaces): readonly InterfaceAddress[] {
  const all = Object.entries(ask()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter((one) => !one.internal && !isLinkLocal(one.address))
      .map((one): InterfaceAddress => ({
        interface: boundedText(name, 64),
        address: boundedText(one.address, 64),
        family: one.family === 'IPv6' ? 'ipv6' : 'ipv4',
      })),
  );
  return all.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)).slice(0, maxAddresses);
}

const sortKey = (one: InterfaceAddress): string => `${one.interface} ${one.family} ${one.address}`;
