import { createGateway, type Gateway } from '@muster/gateway';
import { agentAddressesOf } from '../config/addresses.ts';
import { FleetTimes } from '../fleet-times.ts';
import type { Foundation } from './foundation.ts';

/** The agents' side of the server: their door, and the times that follow their number. */
export type Fleet = { readonly gateway: Gateway; readonly times: FleetTimes; readonly addresses: readonly string[] };

/** How long an older certificate stays good where no agent says that the services of its host know the newer one. */
const longestOverlapSeconds = 900;

/** Makes the agents' door; it does not listen yet. */
export async function makeFleet({ config, store, log, clock, authorities, serverId, artifactFiles }: Foundation): Promise<Fleet> {
  const { heartbeatSeconds, certificateLifetimeDays, certificateOverlapSeconds: seconds } = config.agents;
  const addresses = agentAddressesOf(config);
  const times = new FleetTimes({ store, log, heartbeatSeconds });
  await times.read();
  await store.presence.resetServer(serverId);
  const settings = () => times.settingsFor(addresses);
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
  return { gateway, times, addresses };
}
