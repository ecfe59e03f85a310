import { createHash, timingSafeEqual } from 'node:crypto';
import { problem } from '@muster/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '../identity/machine-addresses.ts';
import type { Metrics } from './metrics.ts';

export type MetricsAccess = {
  /** Who shows it may read from anywhere. */
  readonly token: string | undefined;
  /** Whether everyone who reaches this listener may read: the Unix socket. */
  readonly isOpen: boolean;
};

/**
 * Serves `/metrics`. It has a rule of its own, because a program that collects figures has no account: this machine itself may read, and who
 * shows the token. A request that came through a proxy is not of this machine, whatever its last hop.
 */
export function serveMetrics(app: FastifyInstance, metrics: Metrics, access: MetricsAccess): void {
  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, access)) throw refused(access);
    const { contentType, body } = await metrics.text();
    return reply.type(contentType).header('cache-control', 'no-store').send(body);
  });
}

function mayRead(request: FastifyRequest, { token, isOpen }: MetricsAccess): boolean {
  if (isOpen) return true;
  const given = /^Bearer +(\S+)$/iu.exec(request.headers.authorization ?? '')?.[1];
  if (given !== undefined) return token !== undefined && isSame(given, token);
  const { 'x-forwarded-for': forwardedFor, forwarded, via } = request.headers;
  const isForwarded = [forwardedFor, forwarded, via].some((header) => header !== undefined);
  return !isForwarded && isLoopback((request.socket.remoteAddress ?? '').replace(/^::ffff:/u, ''));
}

/** Compares in a time that says nothing about where they differ. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const refused = ({ token }: MetricsAccess) =>
  problem(
    token === undefined ? 'not-allowed' : 'not-signed-in',
    token === undefined
      ? 'The metrics can be read on the server itself only. To read them from elsewhere, set metrics.token in its configuration.'
      : 'Show the token of the metrics (metrics.token in the configuration) as "Authorization: Bearer TOKEN".',
  );
