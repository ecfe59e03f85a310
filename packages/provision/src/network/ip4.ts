/** An IPv4 network of an interface; addresses as numbers. */
export type Ip4Network = { readonly base: number; readonly broadcast: number; readonly prefixLength: number };

/** An IPv4 address as a number; undefined for what is none. Pure. */
export function parseIp4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** The number written as an address. Pure. */
export const formatIp4 = (address: number): string => [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');

/** The network that an address of an interface is in. Pure. */
export function networkAround(address: number, prefixLength: number): Ip4Network {
  const size = 2 ** (32 - prefixLength);
  const base = Math.floor(address / size) * size;
  return { base, broadcast: base + size - 1, prefixLength };
}

/** Whether a host of the network can have the address: its first and last one are nobody's. Pure. */
export const isHostOf = ({ base, broadcast }: Ip4Network, address: number): boolean => address > base && address < broadcast;

export const networkText = ({ base, prefixLength }: Ip4Network): string => `${formatIp4(base)}/${prefixLength}`;

export const netmaskText = ({ prefixLength }: Ip4Network): string => formatIp4(2 ** 32 - 2 ** (32 - prefixLength));
