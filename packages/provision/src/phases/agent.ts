import { artifactFor } from '../artifacts.ts';
import { connectionOf, driverOf, factsOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode, type Role } from '../host/cluster.ts';
import { listVariable } from '../host/variables.ts';
import { installReleaseScript } from '../host/install-release.ts';
import { judgeEnrolment } from '../host/judge-enrolment.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { nodeMark } from '../host/node-mark.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteRestart } from '../host/service.ts';
import { agentUnit } from '../host/units.ts';
import { isVoter } from '../pool/members.ts';
import { etcdUnitName } from '../pool/places.ts';
import { ProvisionError } from '../provision-error.ts';
import { releaseMark } from './stage.ts';

type Observed = {
  readonly release: string;
  readonly config: string;
  readonly hasUnit: boolean;
  readonly enrolled: boolean;
  readonly mark: string;
  readonly hasFolders: boolean;
  /** `host:port` of the servers that its agent knows. */
  readonly servers: readonly string[];
};

const unitPath = '/etc/systemd/system/muster-agent.service';
const unitSource = '/opt/muster-agent/muster-agent.service';

/** Where other services of the host take the node's certificate, and what tells them of a new one (see docs/trust.md). */
const [pkiFolder, hooksFolder] = ['/etc/muster/pki', '/etc/muster/hooks.d'];

const observeScript = `
printf 'release=%s\\n' "$(cat /opt/muster-agent/${releaseMark} 2>/dev/null)"
${hashLine('config', '/etc/muster/agent.json')}
${hashLine('unit', unitPath)}
${hashLine('unit_source', unitSource)}
if [ -e /var/lib/muster-agent/agent.json ]; then echo enrolled=yes; else echo enrolled=no; fi
printf 'mark=%s\\n' "$(cat ${nodeMark} 2>/dev/null)"
printf 'servers=%s\\n' "$(tr -d ' \\n' < /var/lib/muster-agent/agent.json 2>/dev/null | sed -n 's/.*"servers":\\[\\([^]]*\\)\\].*/\\1/p')"
if [ -d ${pkiFolder} ] && [ -d ${hooksFolder} ]; then echo folders=yes; else echo folders=no; fi
`;

/** The agent's program, configuration and unit on every host; it is started once it is enrolled. */
export const agentPhase: Phase<Observed> = {
  name: 'agent',
  needs: ['stage', 'server'],
  concerns: isNode,
  observe: async (host, run) => {
    const lines = readLines(
      await runScript(connectionOf(host), observeScript, { label: 'look at the agent', sudo: true, signal: run.signal }),
    );
    const unit = lines.get('unit');
    return {
      release: lines.get('release') ?? '',
      config: lines.get('config') ?? '',
      hasUnit: unit !== undefined && unit !== 'none' && unit === lines.get('unit_source'),
      enrolled: lines.get('enrolled') === 'yes',
      mark: lines.get('mark') ?? '',
      hasFolders: lines.get('folders') === 'yes',
      servers: (lines.get('servers') ?? '')
        .replaceAll('"', '')
        .split(',')
        .filter((one) => one !== ''),
    };
  },
  plan: (observed, host, run) => {
    const { enrolled, mark } = observed;
    const { name } = host.host;
    const node = run.nodes?.get(name);
    const enrolment = judgeEnrolment({
      enrolled,
      mark,
      node,
      reissue: run.reissue.has(name),
      elsewhere: elsewhere(observed.servers, run),
      name,
    });
    // Before anything of it is changed.
    if (enrolment.kind === 'refuse') throw new ProvisionError(enrolment.why);
    if (node === undefined) refuseNewName(name, mark, run);
    const artifact = artifactFor('agent', run.artifacts, factsOf(host));
    const changes: Change[] = [
      ...(observed.release === artifact.sha256 ? [] : [{ what: `install the agent ${artifact.version} in /opt/muster-agent` }]),
      ...fileChange(agentConfiguration(host), observed.config),
      ...(observed.hasUnit ? [] : [{ what: `write ${unitPath}` }]),
      ...(observed.hasFolders ? [] : [{ what: `make ${pkiFolder} and ${hooksFolder}, for services that use the certificate` }]),
    ];
    host.agent = { enrolment, isMarked: node !== undefined && mark === node.id, needsRestart: changes.length > 0 };
    return changes;
  },
  act: async (observed, host, run) => {
    const artifact = artifactFor('agent', run.artifacts, factsOf(host));
    const script = `
set -eu
${noteRestart(agentUnit)}
mkdir -p /etc/muster
getent group muster-cert >/dev/null || groupadd --system muster-cert
[ -d ${pkiFolder} ] || install -d -m 2755 -o root -g muster-cert ${pkiFolder}
[ -d ${hooksFolder} ] || install -d -m 0755 -o root -g root ${hooksFolder}
${observed.release === artifact.sha256 ? '' : installReleaseScript('muster-agent', artifact, { isKept: host.host.roles.includes('driver') })}
ln -sfn /opt/muster-agent/bin/muster-agent /usr/local/bin/muster-agent
cp ${unitSource} ${unitPath}.new
chmod 0644 ${unitPath}.new
mv ${unitPath}.new ${unitPath}
`;
    await runScript(connectionOf(host), script, { label: 'install the agent', sudo: true, signal: run.signal, timeoutSeconds: 300 });
    await writeManaged(connectionOf(host), agentConfiguration(host), run.signal);
  },
};

/** The servers of an agent, if the management server of this run is none of them. Where this one is at home nobody knows before it is looked at. */
function elsewhere(servers: readonly string[], run: Run): readonly string[] {
  const members = run.hosts.filter(({ host }) => host.roles.includes('driver'));
  if (members.length === 0 || servers.length === 0) return [];
  const here = members
    .flatMap(({ address, host }) => [address, host.connection.address])
    .flatMap((one) => (one === undefined ? [] : [one, `[${one}]`]));
  return servers.some((one) => here.includes(one.replace(/:\d+$/u, ''))) ? [] : servers;
}

/** A node keeps its name and its address: a host that the inventory names anew becomes another one only once the first is gone. */
function refuseNewName(name: string, mark: string, run: Run): void {
  const former = [...(run.nodes?.values() ?? [])].find(({ id }) => id === mark)?.name;
  // Another host of the inventory has that name: this one was copied from it.
  if (former === undefined || run.hosts.some(({ host }) => host.name === former)) return;
  throw new ProvisionError(
    `${name} is the node ${former} on the server, and a node keeps its name. Name it ${former} again in the inventory, or remove the old node ` +
      `(on ${driverOf(run).host.name}: sudo muster node remove ${former}) and run the same command again.`,
  );
}

/** The unit that a role starts. */
const unitsOfRoles: Readonly<Partial<Record<Role, string>>> = {
  driver: 'muster.service',
  database: 'muster-database.service',
  'slurm-controller': 'slurmctld.service',
  'slurm-node': 'slurmd.service',
  'k3s-server': 'k3s.service',
  'k3s-agent': 'k3s-agent.service',
  registry: 'docker-registry.service',
};

/** Units to watch: what `muster_watch` says, else the SSH server and those of the host's roles. */
function agentConfiguration(host: HostRun): ManagedFile {
  const usual = [
    ...(host.facts?.sshUnit === undefined ? [] : [host.facts.sshUnit]),
    ...host.host.roles.flatMap((role) => unitsOfRoles[role] ?? []),
    ...(isVoter(host.host) ? [etcdUnitName] : []),
  ];
  const watch = listVariable(host.host, 'muster_watch') ?? usual;
  const startAfterEnrolment = listVariable(host.host, 'muster_start_after_enrolment');
  // Left out where the inventory has none.
  const content = JSON.stringify({ watch, startAfterEnrolment }, null, 2);
  return { path: '/etc/muster/agent.json', content: `${content}\n`, mode: 0o644 };
}
