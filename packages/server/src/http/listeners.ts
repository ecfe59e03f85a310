import { chmod, rm } from 'node:fs/promises';
import type { Session } from '@muster/api';
import type { Log } from '@muster/core';
import { usesTls } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import type { EventReplay } from '../handlers/events.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { People } from '../people/people.ts';
import { listenError, StartError } from '../start-error.ts';
import { createApp } from './app.ts';
import type { EventStream } from './event-stream.ts';
import type { Handlers } from './handlers.ts';
import { answersOn } from './socket-probe.ts';

export type ListenerParts = {
  readonly config: Config;
  readonly handlers: Handlers;
  readonly people: People;
  readonly stream: EventStream;
  readonly replay: EventReplay;
  readonly log: Log;
  readonly version: string;
  readonly panelDir: string;
  readonly identity: ServerIdentity;
  readonly socketPath: string;
};

/** Whoever may open the Unix socket: its file permissions were the authorisation. */
const localSession: Session = { kind: 'local', name: 'local administrator', email: null, role: 'administrator', hasPassword: false };

/** Opens panel and API for people, and the Unix socket for the CLI of this machine. */
export async function openListeners(parts: ListenerParts): Promise<{ close(): Promise<void> }> {
  const { config, people, identity, socketPath } = parts;
  const { host, port } = config.http;
  const web = await createApp({
    ...parts,
    identify: (_request, headers) => people.sessionOf(headers),
    ...(usesTls(config) ? { tls: { key: identity.keyPem, cert: identity.chainPem } } : {}),
  });
  await web.listen({ host, port }).catch((error: unknown) => {
    throw listenError(error, 'the panel', host, port, 'http.port');
  });
  const { panelDir: _, ...withoutPanel } = parts;
  const local = await createApp({ ...withoutPanel, identify: async () => localSession });
  try {
    await freeSocket(socketPath);
    await local.listen({ path: socketPath });
    await chmod(socketPath, 0o660);
  } catch (error) {
    await web.close();
    throw error;
  }
  return {
    close: async () => {
      await Promise.all([web.close(), local.close()]);
      await rm(socketPath, { force: true });
    },
  };
}

/** A socket file that a killed server left behind is removed; one on which a server answers is not ours to take. */
async function freeSocket(path: string): Promise<void> {
  if (await answersOn(path)) throw new StartError(`Another Muster server answers on ${path}. Stop it first, or give this one its own dataDir.`);
  await rm(path, { force: true });
}
