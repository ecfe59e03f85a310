import { z } from 'zod';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { listVariable } from '../host/cluster.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { askServer } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';

type Observed = { readonly active: boolean; readonly enabled: boolean };

const observeScript = `
printf 'active=%s\\n' "$(systemctl is-active muster-agent.service 2>/dev/null)"
printf 'enabled=%s\\n' "$(systemctl is-enabled muster-agent.service 2>/dev/null)"
`;

const Ensured = z.array(z.object({ name: z.string(), token: z.string().optional() }));

/** Makes each host a node of the server, gives its agent a certificate by a fresh token, and starts it. */
export const enrolPhase: Phase<Observed> = {
  name: 'enrol',
  concerns: () => true,
  observe: async (host, run) => {
    const lines = readLines(await runScript(connectionOf(host), observeScript, { label: 'look at muster-agent.service', signal: run.signal }));
    return { active: lines.get('active') === 'active', enabled: lines.get('enabled') === 'enabled' };
  },
  plan: (observed, host, run) => {
    const node = run.nodes?.get(host.host.name);
    const changes: Change[] = [
      ...(node === undefined ? [{ what: `add the node ${host.host.name}` }] : []),
      ...(node !== undefined && host.address !== undefined && node.privateIp !== host.address ? [{ what: `change its private IP from ${node.privateIp ?? 'none'} to ${host.address}` }] : []),
      ...(needsEnrolment(host, run) ? [{ what: 'enrol the agent with a fresh token' }] : []),
      ...(observed.enabled ? [] : [{ what: 'enable muster-agent.service' }]),
    ];
    if (!observed.active) return [...changes, { what: 'start muster-agent.service' }];
    return changes.length > 0 || host.agent?.restart === true ? [...changes, { what: 'restart muster-agent.service' }] : [];
  },
  beforeAct: async (hosts, run) => {
    const wanted = hosts.map((host) => ({
      name: host.host.name,
      privateIp: host.address ?? null,
      groups: host.host.groups.filter((group) => group !== 'ungrouped'),
      token: needsEnrolment(host, run),
      ...(listVariable(host.host, 'muster_labels') === undefined ? {} : { labels: labelsOf(host) }),
    }));
    const answer = await askServer(connectionOf(driverOf(run)), ['node', 'ensure', '-'], { signal: run.signal, stdin: JSON.stringify(wanted) });
    const tokens = new Map(Ensured.parse(JSON.parse(answer)).map(({ name, token }) => [name, token]));
    for (const host of hosts) {
      const token = tokens.get(host.host.name);
      if (token !== undefined) host.token = token;
    }
  },
  act: async (_observed, host, run) => {
    const { token } = host;
    delete host.token;
    if (token !== undefined) {
      // On standard input: a token in an argument could be read by everyone on the host.
      const script = 'exec /opt/muster-agent/bin/muster-agent enroll --force --token-file -';
      await runScript(connectionOf(host), script, { label: 'enrol the agent', sudo: true, stdin: `${token}\n`, signal: run.signal });
    }
    const start = 'set -eu; systemctl enable --quiet muster-agent.service; systemctl restart muster-agent.service';
    await runScript(connectionOf(host), start, { label: 'start muster-agent.service', sudo: true, signal: run.signal });
  },
  verify: async (host, run) => {
    const output = await runScript(connectionOf(host), observeScript, { label: 'look at muster-agent.service', signal: run.signal });
    if (readLines(output).get('active') !== 'active') throw new ProvisionError(`muster-agent.service on ${host.host.name} does not stay up. Read: journalctl -u muster-agent`);
  },
};

/** A host whose agent has no identity, or one that the server does not know, needs a token. */
function needsEnrolment(host: HostRun, run: Run): boolean {
  return host.agent?.enrolled !== true || run.nodes?.get(host.host.name)?.registration !== 'registered';
}

function labelsOf(host: HostRun): Record<string, string> {
  const pairs = (listVariable(host.host, 'muster_labels') ?? []).map((text) => text.split('='));
  return Object.fromEntries(pairs.map(([key = '', ...value]) => [key, value.join('=')]));
}
