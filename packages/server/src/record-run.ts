import { setTimeout as sleep } from 'node:timers/promises';
import type { NewEvent, Store } from '@muster/store';

/** The end of a run is recorded when the database takes it in this time; a database that hangs must not keep the server from stopping. */
const lastWordMs = 2000;

/** Records that this server has started; returns what records its end. */
export async function recordRun(store: Pick<Store, 'events'>, version: string, serverId: string): Promise<() => Promise<void>> {
  const said = (kind: 'server-started' | 'server-stopped', message: string): NewEvent => ({
    kind,
    severity: 'info',
    nodeId: null,
    nodeName: null,
    message,
    data: { serverId, version },
  });
  await store.events.append(said('server-started', `Server ${version} started.`));
  return () =>
    Promise.race([store.events.append(said('server-stopped', `Server ${version} stopped.`)), sleep(lastWordMs, undefined, { ref: false })]);
}
