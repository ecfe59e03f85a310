import { factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { busyPorts } from '../preflight/busy-ports.ts';
import { type CheckName, checkNames, checksSkippedBy, type Finding, warning } from '../preflight/checks.ts';
import { clockBesideDriver, hostFindings, type Identity, sharedFindings } from '../preflight/host-checks.ts';
import { sourceFindings } from '../preflight/package-sources.ts';
import { ownPorts, portRoles, type PortRole } from '../preflight/port-table.ts';
import { reachPorts } from '../preflight/reach-ports.ts';
import { networkFindings } from '../network/findings.ts';
import { refusal } from '../preflight/refusal.ts';
import { ProvisionError } from '../provision-error.ts';

/** Names everything that stands in the way of every host, at once, before anything is touched. Warnings are told and stop nothing. */
export const preflightPhase: Phase<undefined> = {
  name: 'preflight',
  concerns: isNode,
  before: async (hosts, run) => {
    if (movedServer(run) !== undefined) return;
    const wanted = hosts.filter((host) => !skippedOn(host, run).has('ports-reachable'));
    run.reach = await reachPorts(wanted, portRoles(run.cluster.hosts), run);
  },
  observe: async (host, run) => {
    const skipped = skippedOn(host, run);
    const found = (await findingsOf(host, run, skipped)).filter(({ check }) => !skipped.has(check));
    const errors = found.filter(({ level }) => level === 'error');
    host.warnings = found.filter(({ level }) => level === 'warning').map(({ check, text }) => `${text} (${check})`);
    const moved = movedServer(run);
    if (moved !== undefined) throw new ProvisionError(`${host.host.name} cannot be used: ${moved}.`);
    if (errors.length > 0) throw new ProvisionError(refusal(host.host.name, errors));
    return undefined;
  },
  plan: () => [],
};

const skippedOn = ({ host }: HostRun, { skippedChecks }: Run): ReadonlySet<CheckName> =>
  new Set([...(skippedChecks ?? []), ...checksSkippedBy(host)]);

async function findingsOf(host: HostRun, run: Run, skipped: ReadonlySet<CheckName>): Promise<Finding[]> {
  const facts = factsOf(host);
  const roles: ReadonlySet<PortRole> = portRoles(run.cluster.hosts).get(host.host.name) ?? new Set();
  const isDriver = host.host === run.cluster.driver;
  const driver = run.hosts.find((one) => one.host === run.cluster.driver);
  const found = [
    ...hostFindings(host.host, facts, roles.has('k3s-node')),
    ...(host.address === undefined ? [warning('address', "it has no address in the cluster's network that others could use")] : []),
    ...(isDriver ? [] : clockBesideDriver(facts, driver?.facts)),
    ...sharedFindings(identityOf(host), run.hosts.map(identityOf)),
    ...busyPorts(ownPorts(host.host, roles), facts),
    ...networkFindings(host, run),
    ...(run.reach?.get(host.host.name) ?? []),
    ...(skipped.has('package-source') ? [] : await sourceFindings(host, run)),
  ];
  return found.toSorted((a, b) => checkNames.indexOf(a.check) - checkNames.indexOf(b.check));
}

const identityOf = ({ host, facts, address }: HostRun): Identity => ({
  name: host.name,
  hostname: facts?.hostname ?? '',
  machineId: facts?.machineId ?? '',
  address: address ?? '',
});

/**
 * A second server would know none of the nodes, and they would leave the first for it: whoever names another host in [driver] is asked
 * before anything is touched, on every host.
 */
function movedServer({ hosts, cluster: { driver, management } }: Run): string | undefined {
  const servers = hosts.filter(({ facts }) => facts?.hasServer === true).map(({ host }) => host);
  const [server] = servers;
  if (server === undefined || driver === undefined || servers.some((one) => management.includes(one))) return undefined;
  return (
    `${server.name} has the management server of these hosts, but [driver] is ${driver.name}: name ${server.name} in [driver] again; to begin anew ` +
    `with another server, first take everything away by muster reset with the inventory as it was (muster backup keeps what the server knows)`
  );
}
