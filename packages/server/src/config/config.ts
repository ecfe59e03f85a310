import { parseDuration } from '@muster/core';
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

const isLoopback = (url: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(url)?.hostname ?? '');

/** An identity provider: https, or http on this machine, as in tests. */
const issuer = z.string().refine((text) => isIssuer(text), { error: 'an issuer is https://HOST/..., or http on a loopback address' });

function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(text));
}

/** Where a server keeps its state unless the configuration says otherwise: in the folder it is started in. */
export const defaultDataDir = '.muster';

/** The configuration of a server. Every member has a default; an unknown one is an error. */
export const Config = z.strictObject({
  /** Where the server keeps its state. Default `.muster` in the folder it is started in. */
  dataDir: z.string().min(1).default(defaultDataDir),
  http: z
    .strictObject({
      /** Address of panel and API. */
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(7420),
      /** `auto`: on, except on a loopback address. The certificate is of Muster's own authority. */
      tls: z.enum(['auto', 'on', 'off']).default('auto'),
      /** How people reach the panel, when it is not `host:port`: behind a proxy, or by a name. */
      publicUrl: origin.optional(),
      /** Proxies whose word on where a request comes from is taken: addresses, or networks as `10.0.0.0/8`. */
      trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'not an address or network' })).optional(),
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
      /** How long an older certificate stays good after the services of the host were told of the newer one. */
      certificateOverlapSeconds: z.number().int().min(0).max(3600).default(30),
      joinTokenMinutes: z.number().int().min(1).max(10_080).default(30),
    })
    .prefault({}),
  agentLiveness: z
    .strictObject({
      /** Whether agents that are not heard are restarted over SSH. */
      enabled: z.boolean().default(false),
      /** How long an agent may be silent; in force is the greater of this and three heartbeat intervals. */
      threshold: z
        .string()
        .refine((text) => (parseDuration(text) ?? 0) >= 1, {
          error: 'a duration here is a number and a unit, such as 40s or 2m, at least 1s',
        })
        .default('40s'),
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
      /** Patroni, which keeps the database of a pool: by it a copy is made the primary. Written by `muster apply`. */
      patroni: z
        .strictObject({
          /** Where each Patroni answers, `https://HOST:PORT`. */
          urls: z.array(origin).optional(),
          user: z.string().min(1).default('muster'),
          /** The file that holds the password of `user`. */
          passwordFile: z.string().min(1).optional(),
          /** A file with the certificates, PEM, by which Patroni is trusted instead of by those of the machine. */
          caFile: z.string().min(1).optional(),
          /** The folder of this machine's copy: a member whose disk is full gives the primary away. */
          dataFolder: z.string().min(1).default('/var/lib/muster-postgres'),
          /** The certificate of this machine in the pool: how long it is good is shown. */
          certificateFile: z.string().min(1).default('/etc/muster/pool/member.pem'),
        })
        .refine(({ urls, passwordFile }) => (urls === undefined) === (passwordFile === undefined), {
          error: 'urls and passwordFile belong together',
          path: ['passwordFile'],
        })
        .refine(({ urls = [] }) => urls.every((url) => url.startsWith('https://') || isLoopback(url)), {
          error: 'a password is not sent over a network without TLS: https://HOST:PORT',
          path: ['urls'],
        })
        .prefault({}),
    })
    .prefault({}),
  pool: z
    .strictObject({
      /** What this server is called among the others of its pool. Default: the name of its machine. */
      name: z.string().min(1).max(253).optional(),
      /** Where it stands, as `rack3`: nodes with the label `zone` of the same value go to it first. */
      zone: z.string().min(1).max(63).optional(),
    })
    .prefault({}),
  environments: z
    .strictObject({
      /** Whether every node is brought level by itself, also where environments were off for a while or somebody changed it by hand. */
      autoSync: z.boolean().default(false),
      /** Nodes that work on environments at the same time. */
      nodesAtOnce: z.number().int().min(1).max(10_000).default(10),
      /** Downloads of artifacts from this server at the same time. */
      downloadsAtOnce: z.number().int().min(1).max(1000).default(8),
      /** After so long a build is ended. */
      timeoutMinutes: z.number().int().min(1).max(1440).default(60),
      /** What the archive of one environment may unpack to. */
      maxUnpackedGigabytes: z.number().min(0.001).max(10_000).default(100),
    })
    .prefault({}),
  events: z
    .strictObject({
      /** Events older than so many days are forgotten. */
      retentionDays: z.number().int().min(1).max(3650).default(90),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      /** Whether `/metrics` is there. Without the token only this machine itself may read it. */
      enabled: z.boolean().default(true),
      /** Who shows it as `Authorization: Bearer TOKEN` may read the metrics from anywhere. */
      token: z.string().min(16).max(500).optional(),
      /** Figures of single nodes are given while there are at most so many; 0 for never. */
      nodes: z.number().int().min(0).max(100_000).default(1000),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      /** Only these may be called: names, `*.example.org`, addresses, networks. Default: all but this machine itself and link-local ones. */
      allow: z.array(z.string().min(1).max(253)).optional(),
      /** A file with certificates, PEM, that are trusted instead of those of the machine. */
      caFile: z.string().min(1).optional(),
    })
    .prefault({}),
  mail: z
    .strictObject({
      /** The server that takes mail. Without it no mail is sent. */
      host: z.string().min(1).max(253).optional(),
      port: port.default(587),
      /** Whom mails are from, `muster@example.org` or `Muster <muster@example.org>`. */
      from: z
        .string()
        .max(300)
        .regex(/^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/u, { error: 'must be an address, NAME@HOST or TEXT <NAME@HOST>' })
        .optional(),
      user: z.string().min(1).optional(),
      /** The file that holds the password of `user`. */
      passwordFile: z.string().min(1).optional(),
      /** A file with certificates, PEM, that are trusted instead of those of the machine. */
      caFile: z.string().min(1).optional(),
      /** `starttls`: encrypted after the greeting; `implicit`: from the first byte; `off`: not at all. */
      tls: z.enum(['starttls', 'implicit', 'off']).default('starttls'),
    })
    .refine(({ host, from }) => (host === undefined) === (from === undefined), { error: 'host and from belong together', path: ['from'] })
    .refine(({ user, passwordFile }) => (user === undefined) === (passwordFile === undefined), {
      error: 'user and passwordFile belong together',
      path: ['passwordFile'],
    })
    .refine(({ user, tls }) => user === undefined || tls !== 'off', {
      error: 'a password is not sent over a connection without TLS',
      path: ['tls'],
    })
    .prefault({}),
  runs: z
    .strictObject({
      /** The muster command that executes runs of apply; default: the one that started this server. */
      program: z.string().startsWith('/', { error: 'must be a whole path' }).optional(),
      /** Runs that this server executes at the same time. */
      atOnce: z.number().int().min(1).max(10).default(2),
    })
    .prefault({}),
  exec: z
    .strictObject({
      /** Whether people with that permission may run commands on nodes (`muster exec`). */
      enabled: z.boolean().default(false),
    })
    .prefault({}),
  consoles: z
    .strictObject({
      /** Whether what consoles of nodes show is recorded. */
      record: z.enum(['off', 'on']).default('off'),
      /** Where recordings are. Default `consoles` in `dataDir`. */
      folder: z.string().startsWith('/', { error: 'must be a whole path' }).optional(),
      /** Recordings older than so many days are deleted. */
      keepDays: z.number().int().min(1).max(3650).default(30),
    })
    .prefault({}),
  /** People who sign in through an identity provider (OpenID Connect). */
  oidc: z
    .strictObject({
      issuer: issuer.optional(),
      clientId: z.string().min(1).optional(),
      clientSecret: z.string().min(1).optional(),
      clientSecretFile: z.string().min(1).optional(),
      /** What the button at the sign-in is called. */
      name: z.string().min(1).max(60).default('single sign-on'),
      scopes: z.array(z.string().regex(/^[\w.:/-]+$/u)).default(['openid', 'profile', 'email']),
      /** The claim that says the role; without it people come in with the default role, and administrators change it here. */
      roleClaim: z.string().min(1).optional(),
      administratorValues: z.array(z.string().min(1)).default(['administrator']),
      operatorValues: z.array(z.string().min(1)).default(['operator']),
      viewerValues: z.array(z.string().min(1)).default(['viewer']),
      execValues: z.array(z.string().min(1)).optional(),
      groupsClaim: z.string().min(1).optional(),
      defaultRole: z.enum(['viewer', 'operator', 'none']).default('viewer'),
    })
    .refine((oidc) => (oidc.issuer === undefined) === (oidc.clientId === undefined), {
      path: ['clientId'],
      error: 'an identity provider needs both oidc.issuer and oidc.clientId',
    })
    .refine((oidc) => oidc.clientSecret === undefined || oidc.clientSecretFile === undefined, {
      path: ['clientSecretFile'],
      error: 'the secret is given twice: give oidc.clientSecret or oidc.clientSecretFile',
    })
    .refine((oidc) => oidc.scopes.includes('openid'), { path: ['scopes'], error: 'openid must be one of the scopes' })
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
