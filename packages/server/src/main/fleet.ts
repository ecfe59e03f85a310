import { createGateway, type Gateway } from '@muster/gateway';
import { FleetTimes } from '../fleet-times.ts';
import type { PoolView } from '../pool/pool-view.ts';
import type { Foundation } from './foundation.ts';
import { makePool } from './pool.ts';

/** The agents' side of the server: their door, and the times that follow their number. */
export type Fleet = { readonly gateway: Gateway; readonly times: FleetTimes; readonly pool: PoolView };

/** How long an older certificate stays good where no agent says that the services of its host know the newer one. */
const longestOverlapSeconds = 900;

/** Makes the agents' door; it does not listen yet. */
export async function makeFleet(foundation: Foundation): Promise<Fleet> {
  const { config, store, log, clock, authorities, serverId, artifactFiles } = foundation;
  const { heartbeatSeconds, certificateLifetimeDays, certificateOverlapSeconds: seconds } = config.agents;
  const times = new FleetTimes({ store, log, heartbeatSeconds });
  await times.read();
  await store.presence.resetServer(serverId);
  const pool = makePool(
    foundation,
    () => gateway.presence.connected().length,
    () => gateway.announceSettings(),
  );
  const settings = () => times.settingsFor(pool.agentAddresses);
  const gateway = createGateway({
    store,
    authorities,
    clock,
    log,
    serverId,
    certificateLifetimeDays,
    artifacts: artifactFiles,
    downloadsAtOnce: config.environments.downloadsAtOnce,
    overlap: { seconds, longestSeconds: Math.max(longestOverlapSeconds, seconds) },
    settings,
  });
  return { gateway, times, pool };
}
