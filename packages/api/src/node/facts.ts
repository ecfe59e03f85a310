import { z } from 'zod';

const text = (max: number) => z.string().max(max);

/** One GPU as `nvidia-smi` names it. */
export const Gpu = z.object({ model: text(200), memoryBytes: z.number().int().nonnegative(), uuid: text(100) });
export type Gpu = z.infer<typeof Gpu>;

/** One address of the machine, with the interface that carries it. */
export const InterfaceAddress = z.object({
  interface: text(64),
  address: text(64),
  family: z.enum(['ipv4', 'ipv6']),
});
export type InterfaceAddress = z.infer<typeof InterfaceAddress>;

/** What an agent found out about its machine. Hostile input: bounded, shown as text, never run. */
export const Facts = z.object({
  hostname: text(253),
  addresses: z.array(InterfaceAddress).max(256),
  cores: z.number().int().min(0).max(65_536),
  memoryBytes: z.number().int().nonnegative(),
  gpus: z.array(Gpu).max(64),
  os: z.object({ id: text(64), version: text(64), name: text(200) }),
  kernel: text(200),
  architecture: text(32),
  bootId: text(64),
  agentVersion: text(64),
});
export type Facts = z.infer<typeof Facts>;

/**
 * The state of one watched systemd unit. `unknown` is the server's word for a unit of a node that is not heard: an agent
 * never sends it. `missing` is a unit that systemd does not know.
 */
export const ServiceState = z.enum(['running', 'starting', 'stopping', 'stopped', 'failed', 'missing', 'unknown']);
export type ServiceState = z.infer<typeof ServiceState>;

export const ServiceReport = z.object({
  unit: text(256),
  state: ServiceState.exclude(['unknown']),
  /** systemd's own sub state, as `auto-restart` or `dead`. */
  detail: text(64),
  /** When the unit entered its state by the node's clock, ISO 8601; null where systemd does not say. */
  since: z.iso.datetime().nullable(),
});
export type ServiceReport = z.infer<typeof ServiceReport>;

/** What the agent knows of its services: a list, or why there is none (a machine without systemd). */
export const ServicesReport = z.discriminatedUnion('available', [
  z.object({ available: z.literal(true), services: z.array(ServiceReport).max(512) }),
  z.object({ available: z.literal(false), reason: text(300) }),
]);
export type ServicesReport = z.infer<typeof ServicesReport>;
