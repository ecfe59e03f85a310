import { shellQuote } from '@muster/ssh';
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
import { makeFolders } from '../host/undo-notes.ts';
import { missingPackagesScript } from '../packages/install-packages.ts';
import { ProvisionError } from '../provision-error.ts';
import { dnsmasqFiles, dnsmasqFolder, dnsmasqPaths, dnsmasqStateFolder, dnsmasqUnitName } from './dnsmasq-files.ts';
import { dhcpFaults, dnsmasqPlan, givesNames } from './dnsmasq-plan.ts';
import { installHere, installText } from './install-here.ts';
import { lookAtMarked, markedChanges, putChecked, readMarked, requireUntouched, type SeenFile, waitingPath } from './marked-file.ts';
import { isAsked, offers } from './members.ts';
import { dropOldLeases } from './old-leases.ts';
import { tftpRootOf } from './wanted-network.ts';

type Observed = ServiceState & {
  readonly isMissing: boolean;
  readonly seen: ReadonlyMap<string, SeenFile>;
  readonly reloadPending: boolean;
  readonly hasTftpRoot: boolean;
  /** The file with the resolvers of the host itself. */
  readonly upstreamFile: string;
};

const paths = Object.values(dnsmasqPaths);
/** Where the resolvers are that systemd-resolved asks; /etc/resolv.conf then names only itself. */
const resolvedFile = '/run/systemd/resolve/resolv.conf';

const lookScript = (tftpRoot: string): string => `
${missingPackagesScript(['dnsmasq-base'])}
${lookAtMarked(paths)}
${observeService(dnsmasqUnitName)}
${observeReload(dnsmasqUnitName)}
if [ -d ${shellQuote(tftpRoot)} ]; then echo tftp=yes; fi
case "$(readlink -f /etc/resolv.conf)" in /run/systemd/resolve/*) echo upstream=${resolvedFile} ;; esac
true
`;

/** DNS, DHCP and TFTP on each management server, by a dnsmasq of its own. */
export const dnsmasqPhase: Phase<Observed> = {
  name: 'dnsmasq',
  // So that one answers while another is started anew.
  atOnce: 1,
  concerns: (host) => isNode(host) && isAsked(host, ['dns', 'dhcp', 'tftp']),
  observe: async (host, run) => {
    requireGivable(host, run);
    const options = { label: 'look at dnsmasq', sudo: true, signal: run.signal };
    const output = await runScript(connectionOf(host), lookScript(tftpRootOf(host.host)), options);
    const lines = readLines(output);
    return {
      ...serviceState(output),
      isMissing: lines.get('missing') === 'dnsmasq-base',
      seen: readMarked(output, paths),
      reloadPending: lines.get('reload') === 'yes',
      hasTftpRoot: lines.get('tftp') === 'yes',
      upstreamFile: lines.get('upstream') ?? '/etc/resolv.conf',
    };
  },
  plan: (observed, host, run) => {
    if (!givesNames(host)) return planOff(observed, host);
    const changes = fileChanges(observed, host, run);
    const due = dueOf(observed, changes);
    return [
      ...(observed.isMissing ? [{ what: installText(host.host, ['dnsmasq-base']) }] : []),
      ...(lacksTftpRoot(observed, host) ? [{ what: `make ${tftpRootOf(host.host)}` }] : []),
      ...changes,
      ...(due === undefined ? [] : [{ what: `${due === 'restart' && !observed.active ? 'start' : due} ${dnsmasqUnitName}` }]),
    ];
  },
  act,
  verify: async (host, run) => {
    if (!givesNames(host)) return;
    const options = { label: 'look whether dnsmasq listens', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), verifyScript(portsOf(host)), options);
  },
};

async function act(observed: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  if (!givesNames(host)) {
    await runScript(connection, offScript, { ...options, label: 'take dnsmasq away' });
    return;
  }
  if (observed.isMissing) await installHere(host, run, ['dnsmasq-base']);
  const root = offers(host.host, 'tftp') ? makeFolders(withParents(tftpRootOf(host.host))) : '';
  const make = `set -eu\numask 022\nmkdir -p /etc/muster ${dnsmasqFolder}\n${root}`;
  await runScript(connection, make, { ...options, label: `make ${dnsmasqFolder}` });
  const changes = fileChanges(observed, host, run);
  const due = dueOf(observed, changes);
  const changed = filesOf(observed, host, run).filter((file) => changes.some(({ content }) => content === file.content));
  await putChecked(connection, changed, {
    check: checkOf(changed),
    before: due === 'restart' ? noteRestart(dnsmasqUnitName) : noteReload(dnsmasqUnitName),
    label: 'write the settings of dnsmasq',
    signal: run.signal,
  });
  if (due === undefined) return;
  // First: a run that ends in between still owes the rest, and begins here again.
  if (offers(host.host, 'dhcp'))
    await runScript(connection, `set -eu\n${dropOldLeases}`, { ...options, label: 'drop leases of exchanged cards' });
  const script = due === 'restart' ? restartService(dnsmasqUnitName) : reloadService(dnsmasqUnitName);
  await runScript(connection, script, { ...options, label: `start ${dnsmasqUnitName}` });
}

/** dnsmasq's own test; it reads reservations only as a part of its settings. */
function checkOf(files: readonly ManagedFile[]): string {
  const has = (path: string): boolean => files.some((file) => file.path === path);
  const { settings, reservations } = dnsmasqPaths;
  return [
    ...(has(settings) ? [`dnsmasq --test --conf-file=${waitingPath(settings)} || return 1`] : []),
    ...(has(reservations)
      ? [`sed 's/^[^#]/dhcp-host=&/' ${waitingPath(reservations)} | dnsmasq --test --conf-file=/dev/stdin || return 1`]
      : []),
    'true',
  ].join('\n');
}

/** Each folder on the way to a place, and it. */
const withParents = (path: string): string[] =>
  path.split('/').flatMap((_part, index, all) => (index === 0 ? [] : [all.slice(0, index + 1).join('/')]));

const offScript = `
set -eu
systemctl disable --quiet --now ${dnsmasqUnitName} 2>/dev/null || true
rm -f ${dnsmasqPaths.unit} /run/muster-restart-pending.${dnsmasqUnitName} /run/muster-reload-pending.${dnsmasqUnitName}
systemctl daemon-reload
systemctl reset-failed ${dnsmasqUnitName} 2>/dev/null || true
rm -rf ${dnsmasqFolder} ${dnsmasqStateFolder}
`;

const portsOf = ({ host }: HostRun): number[] => [
  ...(offers(host, 'dns') ? [53] : []),
  ...(offers(host, 'dhcp') ? [67] : []),
  ...(offers(host, 'tftp') ? [69] : []),
];

const verifyScript = (ports: readonly number[]): string => `
i=0
for port in ${ports.join(' ')}; do
  until ss -Hlunp "sport = :$port" | grep -q '"dnsmasq"'; do
    i=$((i + 1))
    if [ $i -ge 40 ]; then
      echo "dnsmasq does not listen on port $port. It says:" >&2
      journalctl -q --no-pager -o cat -n 5 -u ${dnsmasqUnitName} >&2 || true
      exit 1
    fi
    sleep 0.25
  done
done
systemctl is-active -q ${dnsmasqUnitName}
`;

/** @throws ProvisionError for addresses that this server's interface could not give */
function requireGivable(host: HostRun, run: Run): void {
  const faults = dhcpFaults(host, run);
  if (faults.length > 0) throw new ProvisionError(`${host.host.name}: ${faults.join('; ')}. Correct that in the inventory.`);
}

function planOff({ seen }: Observed, { host }: HostRun): Change[] {
  if ([...seen.values()].every(({ state }) => state === 'none')) return [];
  for (const [path, { state }] of seen) requireUntouched(host, path, state);
  return [{ what: `stop and remove ${dnsmasqUnitName}, its settings and its leases` }];
}

const lacksTftpRoot = ({ hasTftpRoot }: Observed, { host }: HostRun): boolean => offers(host, 'tftp') && !hasTftpRoot;

/** Names and reservations are read anew on a signal; everything else needs a restart. Leases stay in both cases. */
function dueOf(observed: Observed, changes: readonly Change[]): 'restart' | 'reload' | undefined {
  const { active, enabled, restartPending, reloadPending } = observed;
  const { settings, unit } = dnsmasqPaths;
  const isReread = changes.every(({ what }) => !what.endsWith(settings) && !what.endsWith(unit));
  if (!active || !enabled || restartPending || !isReread) return 'restart';
  return changes.length > 0 || reloadPending ? 'reload' : undefined;
}

const fileChanges = (observed: Observed, host: HostRun, run: Run): Change[] =>
  markedChanges(host.host, filesOf(observed, host, run), observed.seen, 'kept');

const filesOf = ({ upstreamFile }: Observed, host: HostRun, run: Run): ManagedFile[] => dnsmasqFiles(dnsmasqPlan(host, run, upstreamFile));
