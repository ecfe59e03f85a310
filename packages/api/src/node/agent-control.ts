import { z } from 'zod';

/** The user on each node as whom a server logs in over SSH. All it can do there is start, stop and restart the agent, unless `full` was given. */
export const controlUser = 'muster-control';

/** An SSH host key as known_hosts has it, without a host: `type base64`. */
export const HostKey = z
  .string()
  .max(4096)
  .regex(/^[a-z0-9@.-]{1,64} [A-Za-z0-9+/]+={0,2}$/u, { error: 'a host key is its type and its base64 text, as in known_hosts' });

const reach = {
  /** Where to log in when the node has no private IP. */
  address: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9.:_-]+$/u, { error: 'an address is a DNS name or an IP address' })
    .nullable(),
  port: z.number().int().min(1).max(65_535),
  /** The keys by which the host is known; any other is refused. */
  hostKeys: z.array(HostKey).min(1).max(16),
  /** Whether the server may act as root there, to execute runs: `muster_control=full` of the inventory. */
  full: z.boolean().default(false),
};

/** How the server reaches the SSH server of a node, as provisioning found it. */
export const AgentControl = z.object({
  nodeId: z.uuid(),
  nodeName: z.string(),
  ...reach,
  /** The fingerprint of another key that the host has shown since, and that was refused. */
  refusedKey: z.string().nullable(),
  since: z.iso.datetime(),
});
export type AgentControl = z.infer<typeof AgentControl>;

export const AgentControlSet = z.strictObject({ ...reach, address: reach.address.default(null), port: reach.port.default(22) });
export type AgentControlSet = z.infer<typeof AgentControlSet>;

/** The server's own SSH key, and the nodes on which it was installed. */
export const AgentControlList = z.object({
  user: z.string(),
  /** As authorized_keys has it: type and base64 text. */
  publicKey: z.string(),
  fingerprint: z.string(),
  /** The key that is to follow, which hosts are to have besides; null while none is. */
  nextPublicKey: z.string().nullable().default(null),
  items: z.array(AgentControl),
});
export type AgentControlList = z.infer<typeof AgentControlList>;

export const AgentCheckRequest = z.strictObject({ nodes: z.array(z.string().min(1).max(253)).min(1).max(10_000) });
export type AgentCheckRequest = z.infer<typeof AgentCheckRequest>;

/** What the server found when it logged in to a node over SSH. */
export const AgentCheck = z.object({
  nodeId: z.uuid(),
  nodeName: z.string(),
  /** Whether it could log in and was answered. */
  reached: z.boolean(),
  /** In words: the state of the agent's unit as systemd calls it, or why SSH is not possible. */
  message: z.string(),
  /** What to run by hand instead, where SSH is not possible. */
  byHand: z.string().nullable(),
});
export type AgentCheck = z.infer<typeof AgentCheck>;

export const RotateControlKey = z.strictObject({
  /** Goes on also where nodes do not take the next key: they take no login of the servers until an apply has given it to them. */
  leaveOut: z.boolean().default(false),
});
export type RotateControlKey = z.input<typeof RotateControlKey>;

/** How a change of the servers' SSH key stands. */
export const ControlKeyRotation = z.object({
  /** `announced`: there is a next key, which an apply brings to hosts. `waiting`: some do not take it yet, and nothing was done. `done`: it is the one in use. */
  state: z.enum(['announced', 'waiting', 'done']),
  /** Of the key that is to follow, or does now. */
  fingerprint: z.string(),
  /** Nodes that did not take it, and why. */
  lacking: z.array(AgentCheck),
});
export type ControlKeyRotation = z.infer<typeof ControlKeyRotation>;
