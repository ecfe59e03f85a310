import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { callUrl, type ConsoleQuery, Problem, ProblemError, routes } from '@muster/api';
import { type ClientOptions, WebSocket } from 'ws';
import { CliError } from '../cli-error.ts';
import { explainConnection } from '../client/explain-connection.ts';
import { placeOf, trustOf, type Way } from '../client/way.ts';

/** Opens the console of a node on the server that a way leads to. @throws ProblemError what the server refuses, CliError where it is not reached */
export function openConsoleSocket(way: Way, node: string, query: ConsoleQuery): Promise<WebSocket> {
  const path = callUrl(routes.getConsole, { params: { node }, query });
  const [address, options] = addressOf(way, path);
  const socket = new WebSocket(address, { ...options, perMessageDeflate: false, handshakeTimeout: 30_000 });
  socket.binaryType = 'nodebuffer';
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      // What comes at once must find somebody who listens. Before this moment there is nothing to pause.
      socket.pause();
      resolve(socket);
    });
    socket.once('error', (cause) => reject(explainConnection(cause, way)));
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      void refusal(response, way).then(reject, reject);
    });
  });
}

function addressOf(way: Way, path: string): [string, ClientOptions] {
  if (way.kind === 'socket') return [`ws+unix://${way.socketPath}:${path}`, { headers: { host: 'localhost' } }];
  return [way.url.replace(/^http/u, 'ws') + path, { headers: way.headers, ...trustOf(way) }];
}

async function refusal(response: IncomingMessage, way: Way): Promise<Error> {
  const answer = await text(response);
  try {
    return new ProblemError(Problem.parse(JSON.parse(answer)));
  } catch (cause) {
    return new CliError(`${placeOf(way)} gives no console: is this the address of a Muster server of this version?`, 1, { cause });
  }
}
