import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProblemError } from '@muster/api';

/** Answers with JSON, and ends the connection: nobody has a second request at this door. */
export function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}

/** Answers with an error (RFC 9457). */
export function sendProblem(response: ServerResponse, { problem }: ProblemError): void {
  const retry = problem.status === 503 || problem.status === 429 ? { 'retry-after': problem.status === 503 ? '2' : '60' } : {};
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', connection: 'close', ...retry });
  response.end(JSON.stringify(problem));
}

/** How long a refused peer has to read the answer and hang up. */
const hangUpMs = 2000;

/**
 * Turns an upgrade down on the bare connection, with a sentence that the agent shows. No time-out of the HTTP server reaches this
 * connection any more, so it is cut when the peer does not end it.
 */
export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  const headers = ['content-type: application/json', 'connection: close', `content-length: ${Buffer.byteLength(body)}`];
  setTimeout(() => socket.destroy(), hangUpMs).unref();
  socket.end(`HTTP/1.1 ${status} Refused\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}
