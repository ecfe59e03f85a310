import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { apiPrefix, Problem, ProblemError, routes } from '@muster/api';
import { CliError } from '../cli-error.ts';
import { explainConnection } from './explain-connection.ts';
import { openRequest, placeOf, type Way } from './way.ts';

/**
 * A snapshot of everything that the server keeps, as it comes. Encrypted on the way only (no way to a server is without): it is never to be kept as it is.
 * @throws CliError, ProblemError; also in the middle, and then what came is of no use
 */
export async function* receiveSnapshot(way: Way, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const response = await answerOf(way, signal);
  if (response.statusCode !== routes.takeSnapshot.status) throw refusal(await text(response), way);
  try {
    for await (const piece of response) yield piece as Buffer;
  } catch (cause) {
    throw explainConnection(cause, way);
  } finally {
    response.destroy();
  }
}

function answerOf(way: Way, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, path } = routes.takeSnapshot;
    const call = openRequest(way, { method, path: apiPrefix + path, headers: {}, signal }, resolve);
    call.on('error', (cause) => reject(explainConnection(cause, way)));
    call.end();
  });
}

function refusal(answer: string, way: Way): Error {
  try {
    return new ProblemError(Problem.parse(JSON.parse(answer)));
  } catch (cause) {
    return new CliError(`${placeOf(way)} gives no snapshot: is this the address of a Muster server of this version?`, 1, { cause });
  }
}
