import { createGateway, type Gateway, type MemberRequests } from '@muster/gateway';
import type { ArtifactCopies } from '../artifacts/artifact-copies.ts';
import type { Config } from '../config/config.ts';
import { FleetTimes } from '../fleet-times.ts';
import { NodePlaces } from '../pool/node-places.ts';
import type { PoolView } from '../pool/pool-view.ts';
import type { Shutdown } from '../shutdown.ts';
import { listenError } from '../start-error.ts';
import type { Foundation } from './foundation.ts';
import { makePool } from './pool.ts';

/** The agents' side of the server: their door, and the times that follow their number. */
export type Fleet = { readonly gateway: Gateway; readonly times: FleetTimes; readonly pool: PoolView; readonly places: NodePlaces };

/** The dealings with other servers of the pool, once they are made: they stand on the fleet, and its door on them. */
export type Others = { members?: MemberRequests; copies?: ArtifactCopies };

/** How long an older certificate stays good where no agent says that the services of its host know the newer one. */
const longestOverlapSeconds = 900;

/**
 * Takes this server's place in the pool, and makes the agents' door; it does not listen yet. What is to be given back is handed to `shutdown` at
 * once. @throws StartError where another process has that place
 */
export async function makeFleet(foundation: Foundation, shutdown: Shutdown, others: Others): Promise<Fleet> {
  const { config, store, log, clock, authorities, serverId, artifactFiles } = foundation;
  const { heartbeatSeconds, certificateLifetimeDays, certificateOverlapSeconds: seconds } = config.agents;
  const pool = makePool(foundation, { connected: () => gateway.presence.connected(), letGo: () => gateway.letGo() }, () =>
    times.refresh(() => gateway.announceSettings()),
  );
  await pool.enter();
  shutdown.add('place in the pool', () => pool.stop());
  await store.presence.resetServer(serverId);
  const times = new FleetTimes({
    store,
    log,
    heartbeatSeconds,
    servers: () => pool.members.filter(({ lostAt }) => lostAt === null).length,
  });
  await times.read();
  const places = new NodePlaces({ store, pool, gateway: () => gateway, serverId, clock, log });
  const settings = (nodeId?: string) => times.settingsFor(places.serversFor(nodeId));
  const gateway = createGateway({
    store,
    authorities,
    clock,
    log,
    serverId,
    certificateLifetimeDays,
    artifacts: { find: (sha256) => artifactFiles.find(sha256), fetches: async (sha256) => (await others.copies?.fetches(sha256)) ?? false },
    members: () => others.members,
    downloadsAtOnce: config.environments.downloadsAtOnce,
    overlap: { seconds, longestSeconds: Math.max(longestOverlapSeconds, seconds) },
    settings,
  });
  return { gateway, times, pool, places };
}

/** Tells the pool every second that this server is there, and opens the agents' door; what was started is handed to `shutdown` at once. @throws StartError, StoreUnavailable */
export async function startFleet({ gateway, pool, places }: Fleet, { agents }: Config, shutdown: Shutdown): Promise<void> {
  await pool.start();
  places.start();
  shutdown.add('servers of nodes', () => places.stop());
  await gateway.listen(agents.host, agents.port).catch((error: unknown) => {
    throw listenError(error, 'agents', agents.host, agents.port, 'agents.port');
  });
  shutdown.add('agents’ door', () => gateway.stop());
}
