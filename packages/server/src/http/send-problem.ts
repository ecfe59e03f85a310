import type { Socket } from 'node:net';
import { problem, type ProblemError } from '@muster/api';
import type { FastifyReply } from 'fastify';
import { ProblemRedirect } from './problem-redirect.ts';

const retryAfterSeconds: Partial<Record<number, string>> = { 429: '60', 503: '2' };

/** Answers with an error in the one shape that leaves the server (RFC 9457). */
export function sendProblem(reply: FastifyReply, found: ProblemError): FastifyReply {
  if (found instanceof ProblemRedirect) return reply.redirect(found.location, 303);
  const { problem: body } = found;
  const retryAfter = retryAfterSeconds[body.status];
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
}

export const nothingHere = (): ProblemError => problem('not-found', 'There is nothing at this address.');

/** Answers what is not even HTTP, or has headers beyond the limit, on the bare connection. */
export function sendProblemOnSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const detail = tooLarge ? 'The headers of the request are too large.' : 'The request cannot be read as HTTP.';
  const body = JSON.stringify(problem('invalid-request', detail).problem);
  const headers = ['content-type: application/problem+json', 'connection: close', `content-length: ${Buffer.byteLength(body)}`];
  socket.end(`HTTP/1.1 400 Bad Request\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}
