import { chmod, lstat, rm } from 'node:fs/promises';
import type { Server } from 'node:https';
import type { Session } from '@muster/api';
import type { FastifyInstance } from 'fastify';
import { usesTls } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { ApiKeys } from '../people/api-keys.ts';
import type { People } from '../people/people.ts';
import { listenError, socketError, StartError } from '../start-error.ts';
import { type AppOptions, createApp } from './app.ts';
import { addressOf, bearerOf, type Identify } from './bind-routes.ts';
import { answersOn } from './socket-probe.ts';

/** A certificate with that of its authority, which is shown at the end of the chain, so that the command line can pin it. */
export type ShownIdentity = ServerIdentity & { readonly rootPem: string };

export type ListenerParts = Omit<AppOptions, 'identify' | 'tls' | 'panelDir'> & {
  readonly config: Config;
  readonly people: People;
  readonly keys: ApiKeys;
  readonly panelDir: string;
  readonly identity: ShownIdentity;
  readonly socketPath: string;
};

export type Listeners = {
  /** Shows another certificate from the next connection on. */
  renewIdentity(identity: ShownIdentity): void;
  close(): Promise<void>;
};

/** Whoever may open the Unix socket: its file permissions were the authorisation. */
const localSession: Session = {
  kind: 'local',
  id: null,
  name: 'local administrator',
  email: null,
  role: 'administrator',
  groups: null,
  mayExec: true,
  hasPassword: false,
  twoFactor: false,
  provider: null,
};

const secureContextOf = ({ keyPem, chainPem, rootPem }: ShownIdentity) => ({ key: keyPem, cert: chainPem + rootPem });

/** Opens panel and API for people, and the Unix socket for the CLI of this machine. */
export async function openListeners(parts: ListenerParts): Promise<Listeners> {
  const web = await openWeb(parts);
  let local: FastifyInstance;
  try {
    local = await openSocket(parts);
  } catch (error) {
    await web.close();
    throw error;
  }
  return {
    renewIdentity: (identity) => {
      if (usesTls(parts.config))
        (web.server as unknown as Server).setSecureContext({ ...secureContextOf(identity), minVersion: 'TLSv1.2' });
    },
    close: async () => {
      await Promise.all([web.close(), local.close()]);
      await rm(parts.socketPath, { force: true });
    },
  };
}

async function openWeb(parts: ListenerParts): Promise<FastifyInstance> {
  const { config, people, keys, identity } = parts;
  const { host, port } = config.http;
  const tls = usesTls(config) ? { tls: secureContextOf(identity) } : {};
  const identify: Identify = (request, headers) => {
    const key = bearerOf(request);
    return key === undefined ? people.sessionOf(headers) : keys.sessionOf(key, addressOf(request));
  };
  const web = await createApp({ ...parts, ...tls, trustedProxies: config.http.trustedProxies ?? [], identify });
  await web.listen({ host, port }).catch((error: unknown) => {
    throw listenError(error, 'the panel', host, port, 'http.port');
  });
  return web;
}

async function openSocket(parts: ListenerParts): Promise<FastifyInstance> {
  const { socketPath: path, panelDir: _, ...shared } = parts;
  const metricsAccess = parts.config.metrics.enabled ? { metricsAccess: { token: undefined, isOpen: true } } : {};
  const local = await createApp({ ...shared, ...metricsAccess, identify: async () => localSession });
  await freeSocket(path);
  try {
    await listenGuarded(local, path);
    await chmod(path, 0o660);
  } catch (error) {
    await local.close();
    throw socketError(error, path);
  }
  return local;
}

/** The socket must not be open to everyone even for the moment before its permissions are set, whatever umask we were started with. */
async function listenGuarded(app: FastifyInstance, path: string): Promise<void> {
  const before = process.umask(0o117);
  try {
    await app.listen({ path });
  } finally {
    process.umask(before);
  }
}

/** A socket that a killed server left behind is removed; one on which a server answers is not ours to take, nor is any other file. */
export async function freeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket())
    throw new StartError(`${path} is there and is no socket. Remove it, or set another path: socket.path in the configuration.`);
  if (await answersOn(path))
    throw new StartError(`Another Muster server answers on ${path}. Stop it first, or give this one its own dataDir.`);
  await rm(path, { force: true }).catch((error: unknown) => {
    throw socketError(error, path);
  });
}
