import { z } from 'zod';

/** `all` stands for every node in a range, and `/nodes/export` is an address of the interface. */
const reservedNames: readonly string[] = ['all', 'export'];

/**
 * A node's name: what the administrator or the inventory calls it. Lower case host name syntax of RFC 1123,
 * labels of at most 63 characters, at most 253 in all. Unique in an installation.
 */
export const NodeName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/u, {
    error: 'a node name has lower-case letters, digits and hyphens, in labels of at most 63 characters (RFC 1123)',
  })
  .refine((name) => !reservedNames.includes(name), {
    error: `${reservedNames.join(' and ')} have a meaning of their own and cannot be names of nodes`,
  });
export type NodeName = z.infer<typeof NodeName>;

/** Addresses in text that no machine can have for itself: of nobody, of many, or one of IPv4 written as one of IPv6. */
const notOfOneMachine =
  /^(?:0\.0\.0\.0|255\.255\.255\.255|(?:22[4-9]|23\d)\..*|[0:]+|ff[0-9a-f]{2}:.*|[0:]*:ffff:(?:\d+\..*|[0-9a-f]{1,4}:[0-9a-f]{1,4}))$/iu;

/** An IPv4 or IPv6 address of one machine in text, without prefix length or zone. */
export const IpAddress = z
  .union([z.ipv4(), z.ipv6()], { error: 'not an IPv4 or IPv6 address' })
  .refine((address) => !notOfOneMachine.test(address), {
    error: 'not an address of one machine: unspecified, multicast, or an IPv4 address written as IPv6',
  });
export type IpAddress = z.infer<typeof IpAddress>;
