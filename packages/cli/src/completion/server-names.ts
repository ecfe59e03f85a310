import { createClient } from '@muster/api';
import { serverFetch } from '../client/server-fetch.ts';
import { findWay } from '../contexts/find-way.ts';
import type { NamesPort } from './candidates.ts';

/** Nobody waits longer for a word than he would take to type it. */
const patienceMs = 1500;
const most = 200;

/** Asks the server that the command line is meant for. Where none answers, or not in time, there are no names: nobody is told while he types. */
export function serverNames(given: ReadonlyMap<string, string>): NamesPort {
  const [socket, context] = [given.get('--socket'), given.get('--context')];
  const options = { ...(socket === undefined ? {} : { socket }), ...(context === undefined ? {} : { context }) };
  const client = createClient(
    '',
    serverFetch(() => findWay(options, process.env)),
  );
  const signal = AbortSignal.timeout(patienceMs);
  return {
    names: (prefix) =>
      client.listNames({ query: { prefix, limit: most } }, signal).catch(() => ({ nodes: [], groups: [], labels: [], units: [] })),
    views: () =>
      client.listViews({}, signal).then(
        ({ items }) => items.map(({ name }) => name),
        () => [],
      ),
  };
}
