import { shellQuote } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { makeFolders } from '../host/undo-notes.ts';
import { ProvisionError } from '../provision-error.ts';
import { dhcpRoleFolder, dnsmasqFiles, dnsmasqFolder, dnsmasqPaths, dnsmasqStateFolder, dnsmasqUnitName } from './dnsmasq-files.ts';
import { dhcpFaults, dnsmasqPlan, givesNames } from './dnsmasq-plan.ts';
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
import { isAsked, offers } from './members.ts';
import { dropOldLeases } from './old-leases.ts';
import { actOnFollower, observeFollower, planFollower } from './range-follower.ts';
import { withParents } from './tftp-root.ts';
import { tftpRootOf } from './wanted-network.ts';

type Observed = SeenService & {
  readonly hasTftpRoot: boolean;
  /** The file with the resolvers of the host itself. */
  readonly upstreamFile: string;
  readonly follower: SeenService;
};

/** Names and reservations are read anew on a signal; everything else needs a restart. Leases stay in both cases. */
const dnsmasq: KeptService = {
  name: 'dnsmasq',
  unit: dnsmasqUnitName,
  packages: ['dnsmasq-base'],
  paths: Object.values(dnsmasqPaths),
  isReread: (path) => path === dnsmasqPaths.hosts || path === dnsmasqPaths.reservations,
};
/** Where the resolvers are that systemd-resolved asks; /etc/resolv.conf then names only itself. */
const resolvedFile = '/run/systemd/resolve/resolv.conf';

const lookScript = (tftpRoot: string): string => `
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
    const { look, output } = await observeKept(dnsmasq, host, run, lookScript(tftpRootOf(host.host)));
    const lines = readLines(output);
    return {
      ...look,
      hasTftpRoot: lines.get('tftp') === 'yes',
      upstreamFile: lines.get('upstream') ?? '/etc/resolv.conf',
      follower: await observeFollower(host, run),
    };
  },
  plan: (observed, host, run) => [...planOwn(observed, host, run), ...planFollower(observed.follower, host, run)],
  act,
  verify: async (host, run) => {
    if (!givesNames(host)) return;
    const options = { label: 'look whether dnsmasq listens', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), verifyScript(portsOf(host)), options);
  },
};

function planOwn(observed: Observed, host: HostRun, run: Run): Change[] {
  if (!givesNames(host)) return planKeptOff(observed, host, `stop and remove ${dnsmasqUnitName}, its settings and its leases`);
  const changes = keptChanges(dnsmasq, observed, host.host, filesOf(observed, host, run));
  const root = offers(host.host, 'tftp') && !observed.hasTftpRoot ? [{ what: `make ${tftpRootOf(host.host)}` }] : [];
  return planKept(dnsmasq, observed, host.host, changes, root);
}

async function act(observed: Observed, host: HostRun, run: Run): Promise<void> {
  if (givesNames(host)) {
    await actOnOwn(observed, host, run);
    await actOnFollower(observed.follower, host, run);
    return;
  }
  await actOnFollower(observed.follower, host, run);
  const script = takeAwayScript(dnsmasqUnitName, [dnsmasqFolder, dnsmasqStateFolder, dhcpRoleFolder]);
  await runScript(connectionOf(host), script, { label: 'take dnsmasq away', sudo: true, signal: run.signal });
}

async function actOnOwn(observed: Observed, host: HostRun, run: Run): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal: run.signal };
  await installKept(observed, host, run);
  const root = offers(host.host, 'tftp') ? makeFolders(withParents(tftpRootOf(host.host))) : '';
  const make = `set -eu\numask 022\nmkdir -p /etc/muster ${dnsmasqFolder}\n${root}`;
  await runScript(connection, make, { ...options, label: `make ${dnsmasqFolder}` });
  const files = filesOf(observed, host, run);
  const due = await putKept(dnsmasq, observed, host, run, { files, checkOf: (changed) => checkOf(files, changed) });
  if (due === undefined) return;
  // First: a run that ends in between still owes the rest, and begins here again.
  if (offers(host.host, 'dhcp'))
    await runScript(connection, `set -eu\n${dropOldLeases}`, { ...options, label: 'drop leases of exchanged cards' });
  await startKept(dnsmasq, due, host, run);
}

/** dnsmasq's own test, of the settings with each of what they are read with; it reads reservations only as a part of its settings. */
function checkOf(files: readonly ManagedFile[], changed: readonly ManagedFile[]): string {
  const has = (path: string): boolean => changed.some((file) => file.path === path);
  const { settings, reservations, holder, second } = dnsmasqPaths;
  const placeOf = (path: string): string => (has(path) ? waitingPath(path) : path);
  const roles = [holder, second].filter((path) => files.some((file) => file.path === path));
  const read = roles.length === 0 ? [[settings]] : roles.map((role) => [settings, role]);
  return [
    ...read
      .filter((paths) => paths.some((path) => has(path)))
      .map((paths) => `dnsmasq --test ${paths.map((path) => `--conf-file=${placeOf(path)}`).join(' ')} || return 1`),
    ...(has(reservations)
      ? [`sed 's/^[^#]/dhcp-host=&/' ${waitingPath(reservations)} | dnsmasq --test --conf-file=/dev/stdin || return 1`]
      : []),
    'true',
  ].join('\n');
}

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

const filesOf = ({ upstreamFile }: Observed, host: HostRun, run: Run): ManagedFile[] => dnsmasqFiles(dnsmasqPlan(host, run, upstreamFile));
