import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import {
  noteReload,
  noteRestart,
  observeReload,
  observeService,
  reloadService,
  restartService,
  serviceState,
  type ServiceState,
} from '../host/service.ts';
import { missingPackagesScript } from '../packages/install-packages.ts';
import { ProvisionError } from '../provision-error.ts';
import { gatewayFiles, gatewayFolder, gatewayPaths, gatewayUnitName } from './gateway-files.ts';
import { installHere, installText } from './install-here.ts';
import { lookAtMarked, markedChanges, putChecked, readMarked, requireUntouched, type SeenFile, waitingPath } from './marked-file.ts';
import { serviceAddress } from './members.ts';
import { gatewayFaults, requirePlace } from './own-network.ts';
import { asksForGateway, gatewayMembers, gatewayOf } from './wanted-gateway.ts';

type Observed = ServiceState & {
  readonly isMissing: boolean;
  readonly seen: ReadonlyMap<string, SeenFile>;
  readonly reloadPending: boolean;
};

const paths = Object.values(gatewayPaths);

const lookScript = `
${missingPackagesScript(['keepalived'])}
${lookAtMarked(paths)}
${observeService(gatewayUnitName)}
${observeReload(gatewayUnitName)}
`;

/** One address for the way out, which a living member has. */
export const gatewayPhase: Phase<Observed> = {
  name: 'gateway',
  // So that the address has somewhere to go while one is started anew.
  atOnce: 1,
  concerns: (host) => isNode(host) && asksForGateway(host),
  observe: async (host, run) => {
    const faults = gatewayFaults(host);
    if (faults.length > 0) throw new ProvisionError(`${host.host.name}: ${faults.join('; ')}. Correct that in the inventory.`);
    const options = { label: 'look at keepalived', sudo: true, signal: run.signal };
    const output = await runScript(connectionOf(host), lookScript, options);
    const lines = readLines(output);
    return {
      ...serviceState(output),
      isMissing: lines.get('missing') === 'keepalived',
      seen: readMarked(output, paths),
      reloadPending: lines.get('reload') === 'yes',
    };
  },
  plan: (observed, host, run) => {
    if (gatewayOf(host.host) === undefined) return planOff(observed, host);
    const changes = fileChanges(observed, host, run);
    const due = dueOf(observed, changes);
    return [
      ...(observed.isMissing ? [{ what: installText(host.host, ['keepalived']) }] : []),
      ...changes,
      ...(due === undefined ? [] : [{ what: `${due === 'restart' && !observed.active ? 'start' : due} ${gatewayUnitName}` }]),
    ];
  },
  act,
  verify: async (host, run) => {
    if (gatewayOf(host.host) === undefined) return;
    const options = { label: 'look whether keepalived runs', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), verifyScript, options);
  },
};

async function act(observed: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  if (gatewayOf(host.host) === undefined) {
    await runScript(connection, offScript, { ...options, label: 'take keepalived away' });
    return;
  }
  if (observed.isMissing) await installHere(host, run, ['keepalived']);
  await runScript(connection, `umask 022\nmkdir -p /etc/muster ${gatewayFolder}`, { ...options, label: `make ${gatewayFolder}` });
  const changes = fileChanges(observed, host, run);
  const due = dueOf(observed, changes);
  const changed = filesOf(host, run).filter((file) => changes.some(({ content }) => content === file.content));
  await putChecked(connection, changed, {
    check: changed.some(({ path }) => path === gatewayPaths.settings) ? checkSettings : 'true',
    before: due === 'restart' ? noteRestart(gatewayUnitName) : noteReload(gatewayUnitName),
    label: 'write the settings of keepalived',
    signal: run.signal,
  });
  if (due === undefined) return;
  const script = due === 'restart' ? restartService(gatewayUnitName) : reloadService(gatewayUnitName);
  await runScript(connection, script, { ...options, label: `start ${gatewayUnitName}` });
}

const checkSettings = `keepalived --config-test --use-file=${waitingPath(gatewayPaths.settings)} || return 1`;

const offScript = `
set -eu
systemctl disable --quiet --now ${gatewayUnitName} 2>/dev/null || true
rm -f ${gatewayPaths.unit} /run/muster-restart-pending.${gatewayUnitName} /run/muster-reload-pending.${gatewayUnitName}
systemctl daemon-reload
systemctl reset-failed ${gatewayUnitName} 2>/dev/null || true
rm -rf ${gatewayFolder}
`;

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

function planOff({ seen }: Observed, { host }: HostRun): Change[] {
  if ([...seen.values()].every(({ state }) => state === 'none')) return [];
  for (const [path, { state }] of seen) requireUntouched(host, path, state);
  return [{ what: `stop and remove ${gatewayUnitName} and its settings` }];
}

/** Settings are read anew on a signal, and the address stays where it is meanwhile. */
function dueOf({ active, enabled, restartPending, reloadPending }: Observed, changes: readonly Change[]): 'restart' | 'reload' | undefined {
  if (!active || !enabled || restartPending || changes.some(({ what }) => what.endsWith(gatewayPaths.unit))) return 'restart';
  return changes.length > 0 || reloadPending ? 'reload' : undefined;
}

const fileChanges = (observed: Observed, host: HostRun, run: Run): Change[] =>
  markedChanges(host.host, filesOf(host, run), observed.seen, 'kept');

function filesOf(host: HostRun, run: Run): ManagedFile[] {
  const gateway = gatewayOf(host.host);
  if (gateway === undefined) return [];
  const place = requirePlace(host);
  const peers = gatewayMembers(run.cluster.hosts)
    .filter((member) => member !== host.host)
    .map(serviceAddress);
  return gatewayFiles({ interface: place.interface, address: place.address, peers, gateway });
}
