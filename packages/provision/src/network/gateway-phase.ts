import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { gatewayFiles, gatewayFolder, gatewayPaths, gatewayUnitName } from './gateway-files.ts';
import {
  installKept,
  keptChanges,
  type KeptService,
  observeKept,
  planKept,
  planKeptOff,
  putKept,
  type SeenService,
  startKept,
  takeAwayScript,
} from './kept-service.ts';
import { waitingPath } from './marked-file.ts';
import { serviceAddress } from './members.ts';
import { gatewayFaults, requirePlace } from './own-network.ts';
import { asksForGateway, gatewayMembers, gatewayOf } from './wanted-gateway.ts';

/** Settings are read anew on a signal, and the address stays where it is meanwhile. */
const keepalived: KeptService = {
  name: 'keepalived',
  unit: gatewayUnitName,
  packages: ['keepalived'],
  paths: Object.values(gatewayPaths),
  isReread: (path) => path !== gatewayPaths.unit,
};

/** One address for the way out, which a living member has. */
export const gatewayPhase: Phase<SeenService> = {
  name: 'gateway',
  // So that the address has somewhere to go while one is started anew.
  atOnce: 1,
  concerns: (host) => isNode(host) && asksForGateway(host),
  observe: async (host, run) => {
    const faults = gatewayFaults(host);
    if (faults.length > 0) throw new ProvisionError(`${host.host.name}: ${faults.join('; ')}. Correct that in the inventory.`);
    return (await observeKept(keepalived, host, run)).look;
  },
  plan: (look, host, run) => {
    if (gatewayOf(host.host) === undefined) return planKeptOff(look, host, `stop and remove ${gatewayUnitName} and its settings`);
    return planKept(keepalived, look, host.host, keptChanges(keepalived, look, host.host, filesOf(host, run)));
  },
  act,
  verify: async (host, run) => {
    if (gatewayOf(host.host) === undefined) return;
    const options = { label: 'look whether keepalived runs', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), verifyScript, options);
  },
};

async function act(look: SeenService, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  if (gatewayOf(host.host) === undefined) {
    await runScript(connection, takeAwayScript(gatewayUnitName, [gatewayFolder]), { ...options, label: 'take keepalived away' });
    return;
  }
  await installKept(look, host, run);
  await runScript(connection, `umask 022\nmkdir -p /etc/muster ${gatewayFolder}`, { ...options, label: `make ${gatewayFolder}` });
  const due = await putKept(keepalived, look, host, run, { files: filesOf(host, run), checkOf });
  await startKept(keepalived, due, host, run);
}

const checkOf = (changed: readonly ManagedFile[]): string =>
  changed.some(({ path }) => path === gatewayPaths.settings) ? checkSettings : 'true';
const checkSettings = `keepalived --config-test --use-file=${waitingPath(gatewayPaths.settings)} || return 1`;

/** Still after a moment: what it cannot do it says after its start. */
const verifyScript = `
for again in 1 2 3; do
  sleep 0.5
  if ! systemctl is-active -q ${gatewayUnitName}; then
    echo "keepalived does not run. It says:" >&2
    journalctl -q --no-pager -o cat -n 5 -u ${gatewayUnitName} >&2 || true
    exit 1
  fi
done
`;

function filesOf(host: HostRun, run: Run): ManagedFile[] {
  const gateway = gatewayOf(host.host);
  if (gateway === undefined) return [];
  const place = requirePlace(host);
  const peers = gatewayMembers(run.cluster.hosts)
    .filter((member) => member !== host.host)
    .map(serviceAddress);
  return gatewayFiles({ interface: place.interface, address: place.address, peers, gateway });
}
