import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { apiPrefix, problem, routes } from '@muster/api';
import { socketPathOf, usesTls } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { listenError, socketError } from '../start-error.ts';
import { freeSocket } from './listeners.ts';

/** Answers while a server cannot start yet. */
export type WaitingDoor = { close(): Promise<void> };

const retryAfterSeconds = '2';

/**
 * Says on the server's socket, and on its port where that speaks no TLS, that the server waits and for what: 503 to everything but the question
 * whether the process lives. With TLS the port stays closed: the certificate is made by what is in the database, and none but that is shown.
 * @throws StartError where socket or port cannot be opened
 */
export async function openWaitingDoor(config: Config, dataDir: string, reason: () => string): Promise<WaitingDoor> {
  const path = socketPathOf(config, dataDir);
  await freeSocket(path);
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(closed));
    await rm(path, { force: true });
  };
  const { host, port } = config.http;
  try {
    servers.push(await listening({ path }, reason, (error) => socketError(error, path)));
    await chmod(path, 0o660);
    if (!usesTls(config))
      servers.push(await listening({ host, port }, reason, (error) => listenError(error, 'the panel', host, port, 'http.port')));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

async function listening(where: ListenOptions, reason: () => string, explain: (error: unknown) => unknown): Promise<Server> {
  const server = createServer((request, response) => answer(request, response, reason()));
  // Not open to everyone even for the moment before its permissions are set.
  const before = process.umask(0o117);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, resolve);
    });
  } catch (error) {
    throw explain(error);
  } finally {
    process.umask(before);
  }
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, reason: string): void {
  request.resume();
  response.setHeader('cache-control', 'no-store');
  response.setHeader('connection', 'close');
  if (request.url === `${apiPrefix}${routes.live.path}`) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'live' }));
    return;
  }
  const { problem: body } = problem('store-unavailable', reason);
  response
    .writeHead(body.status, { 'content-type': 'application/problem+json', 'retry-after': retryAfterSeconds })
    .end(JSON.stringify(body));
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
