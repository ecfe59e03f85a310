import { z } from 'zod';

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
  });
export type NodeName = z.infer<typeof NodeName>;

/** An IPv4 or IPv6 address in text, without prefix length or zone. */
export const IpAddress = z.union([z.ipv4(), z.ipv6()], { error: 'not an IPv4 or IPv6 address' });
export type IpAddress = z.infer<typeof IpAddress>;
