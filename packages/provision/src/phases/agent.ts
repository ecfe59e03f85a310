import { artifactFor } from '../artifacts.ts';
import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase } from '../engine/phase.ts';
import { listVariable } from '../host/cluster.ts';
import { installReleaseScript } from '../host/install-release.ts';
import { fileChange, hashLine, type ManagedFile, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteRestart } from '../host/service.ts';
import { releaseMark } from './stage.ts';

type Observed = { readonly release: string; readonly config: string; readonly hasUnit: boolean; readonly enrolled: boolean };

const unitPath = '/etc/systemd/system/muster-agent.service';
const unitSource = '/opt/muster-agent/muster-agent.service';

/** The unit of the agent, which the enrol phase starts. */
export const agentUnit = 'muster-agent.service';

const observeScript = `
printf 'release=%s\\n' "$(cat /opt/muster-agent/${releaseMark} 2>/dev/null)"
${hashLine('config', '/etc/muster/agent.json')}
${hashLine('unit', unitPath)}
${hashLine('unit_source', unitSource)}
if [ -e /var/lib/muster-agent/agent.json ]; then echo enrolled=yes; else echo enrolled=no; fi
`;

/** The agent's program, configuration and unit on every host; it is started once it is enrolled. */
export const agentPhase: Phase<Observed> = {
  name: 'agent',
  concerns: () => true,
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
    };
  },
  plan: (observed, host, run) => {
    const artifact = artifactFor('agent', run.artifacts, factsOf(host));
    const changes: Change[] = [
      ...(observed.release === artifact.sha256 ? [] : [{ what: `install the agent ${artifact.version} in /opt/muster-agent` }]),
      ...fileChange(agentConfiguration(host), observed.config),
      ...(observed.hasUnit ? [] : [{ what: `write ${unitPath}` }]),
    ];
    host.agent = { enrolled: observed.enrolled, needsRestart: changes.length > 0 };
    return changes;
  },
  act: async (observed, host, run) => {
    const artifact = artifactFor('agent', run.artifacts, factsOf(host));
    const script = `
set -eu
${noteRestart(agentUnit)}
mkdir -p /etc/muster
${observed.release === artifact.sha256 ? '' : installReleaseScript('muster-agent', artifact)}
ln -sfn /opt/muster-agent/bin/muster-agent /usr/local/bin/muster-agent
cp ${unitSource} ${unitPath}.new
chmod 0644 ${unitPath}.new
mv ${unitPath}.new ${unitPath}
`;
    await runScript(connectionOf(host), script, { label: 'install the agent', sudo: true, signal: run.signal, timeoutSeconds: 300 });
    await writeManaged(connectionOf(host), agentConfiguration(host), run.signal);
  },
};

/** Units to watch: what `muster_watch` says, else the SSH server and, on the driver, the management server. */
function agentConfiguration(host: HostRun): ManagedFile {
  const usual = [
    ...(host.facts?.sshUnit === undefined ? [] : [host.facts.sshUnit]),
    ...(host.host.roles.includes('driver') ? ['muster.service'] : []),
  ];
  const watch = listVariable(host.host, 'muster_watch') ?? usual;
  return { path: '/etc/muster/agent.json', content: `${JSON.stringify({ watch }, null, 2)}\n`, mode: 0o644 };
}
