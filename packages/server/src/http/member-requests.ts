import { apiPrefix, routes } from '@muster/api';
import type { MemberRequests } from '@muster/gateway';
import { carriedSession } from '../members/carried-session.ts';
import { type AppOptions, createApp } from './app.ts';

/** What members ask of each other. Everything else any of them does by itself, through the database. */
const asked: ReadonlySet<string> = new Set(
  [routes.getConsole, routes.readJournal, routes.listRecordings, routes.getRecording].map(
    ({ path }) => apiPrefix + path.replace(/\{(\w+)\}/gu, ':$1'),
  ),
);

/**
 * What answers the other servers of the pool: the API itself, with all its checks, for the person that the other server names. The handlers
 * must ask no other server in turn.
 */
export async function makeMemberRequests(
  parts: Omit<AppOptions, 'identify' | 'tls' | 'panelDir' | 'trustedProxies'>,
): Promise<MemberRequests & { close(): Promise<void> }> {
  const app = await createApp({
    ...parts,
    // Who connects was checked by its certificate, and says from where it was asked.
    trustedProxies: 'all',
    identify: async (request) => (asked.has(request.routeOptions.url ?? '') ? carriedSession(request.headers) : undefined),
  });
  await app.ready();
  return {
    request: (request, response) => app.routing(request, response),
    upgrade: (request, socket, head) => void app.server.emit('upgrade', request, socket, head),
    close: () => app.close(),
  };
}
