import { z } from 'zod';

const port = z.number().int().min(1).max(65_535);
const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/u, { error: 'an address here is HOST:PORT, an IPv6 one [ADDRESS]:PORT' })
  .refine((text) => port.safeParse(Number(text.slice(text.lastIndexOf(':') + 1))).success, { error: 'a port is from 1 to 65535' });
/** Where people reach the panel: scheme, host and port, nothing more. */
const origin = z
  .string()
  .refine((text) => isOrigin(text), { error: 'an address here is http://HOST:PORT or https://HOST:PORT, without a path' });

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/u.test(url.protocol) && [url.origin, `${url.origin}/`].includes(text.toLowerCase());
}

/** The configuration of a server. Every member has a default; an unknown one is an error. */
export const Config = z.strictObject({
  /** Where the server keeps its state. Default `.muster` in the folder it is started in. */
  dataDir: z.string().min(1).default('.muster'),
  http: z
    .strictObject({
      /** Address of panel and API. */
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(7420),
      /** `auto`: on, except on a loopback address. The certificate is of Muster's own authority. */
      tls: z.enum(['auto', 'on', 'off']).default('auto'),
      /** How people reach the panel, when it is not `host:port`: behind a proxy, or by a name. */
      publicUrl: origin.optional(),
    })
    .prefault({}),
  agents: z
    .strictObject({
      /** Address of the agents' door. */
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(7421),
      /** How agents reach this server, HOST:PORT. Default: every address of this machine (its loopback address when `host` is one). */
      addresses: z.array(hostPort).optional(),
      /** A fixed heartbeat interval; default: follows the size of the fleet. */
      heartbeatSeconds: z.number().min(1).max(600).optional(),
      certificateLifetimeDays: z
        .number()
        .min(1 / 24)
        .max(3650)
        .default(90),
      joinTokenMinutes: z.number().int().min(1).max(10_080).default(30),
    })
    .prefault({}),
  socket: z
    .strictObject({
      /** The Unix socket of the CLI on this machine; who may open it may do everything. Default `muster.sock` in `dataDir`. */
      path: z.string().min(1).max(107).optional(),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** A PostgreSQL of your own, `postgresql://user:password@host/database`. Default: an embedded one in `dataDir`. */
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\//u, { error: 'must begin with postgresql://' })
        .optional(),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});
export type Config = z.infer<typeof Config>;

/** All keys as paths, `http.port`; the names of the environment variables and the suggestions for typing errors come from here. */
export function configKeys(schema: z.ZodObject = Config, prefix = ''): string[] {
  return Object.entries(schema.shape).flatMap(([key, member]) => {
    const inner = unwrap(member as z.ZodType);
    return inner instanceof z.ZodObject ? configKeys(inner, `${prefix}${key}.`) : [`${prefix}${key}`];
  });
}

/** The schema inside defaults and options. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
