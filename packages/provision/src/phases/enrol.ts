import { z } from 'zod';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { Change, HostRun, KnownNode, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { askServer } from '../host/server-cli.ts';
import { observeService, restartService, serviceState, type ServiceState } from '../host/service.ts';
import { wantedNode } from '../host/wanted-node.ts';
import { ProvisionError } from '../provision-error.ts';
import { agentUnit } from './agent.ts';

const Ensured = z.array(z.object({ name: z.string(), token: z.string().optional() }));

/** Makes each host a node of the server, gives its agent a certificate by a fresh token, and starts it. */
export const enrolPhase: Phase<ServiceState> = {
  name: 'enrol',
  concerns: () => true,
  observe: async (host, run) =>
    serviceState(await runScript(connectionOf(host), observeService(agentUnit), { label: `look at ${agentUnit}`, signal: run.signal })),
  plan: (observed, host, run) => [
    ...nodeChanges(host, run),
    ...(needsEnrolment(host, run) ? [{ what: 'enrol the agent with a fresh token' }] : []),
    ...(observed.enabled ? [] : [{ what: `enable ${agentUnit}` }]),
    ...startOf(observed, host, run),
  ],
  beforeAct: async (hosts, run) => {
    const wanted = hosts
      .filter((host) => needsEnrolment(host, run) || nodeChanges(host, run).length > 0)
      .map((host) => ({ ...wantedNode(host.host), privateIp: host.address ?? null, token: needsEnrolment(host, run) }));
    if (wanted.length === 0) return;
    const stdin = JSON.stringify(wanted);
    const answer = await askServer(connectionOf(driverOf(run)), ['node', 'ensure', '-'], Ensured, { signal: run.signal, stdin });
    const tokens = new Map(answer.map(({ name, token }) => [name, token]));
    for (const host of hosts) {
      const token = tokens.get(host.host.name);
      if (token !== undefined) host.token = token;
    }
  },
  act: async (observed, host, run) => {
    const { token } = host;
    delete host.token;
    if (token !== undefined) {
      // On standard input: a token in an argument could be read by everyone on the host.
      const script = 'exec /opt/muster-agent/bin/muster-agent enroll --force --token-file -';
      await runScript(connectionOf(host), script, { label: 'enrol the agent', sudo: true, stdin: `${token}\n`, signal: run.signal });
    }
    if (observed.enabled && startOf(observed, host, run).length === 0) return;
    await runScript(connectionOf(host), restartService(agentUnit), { label: `start ${agentUnit}`, sudo: true, signal: run.signal });
  },
  verify: async (host, run) => {
    const output = await runScript(connectionOf(host), observeService(agentUnit), { label: `look at ${agentUnit}`, signal: run.signal });
    if (!serviceState(output).active)
      throw new ProvisionError(`${agentUnit} on ${host.host.name} does not stay up. Read: journalctl -u muster-agent`);
  },
};

/** A host whose agent has no identity, or one that the server does not know, needs a token. */
function needsEnrolment(host: HostRun, run: Run): boolean {
  return host.agent?.enrolled !== true || run.nodes?.get(host.host.name)?.registration !== 'registered';
}

/** An agent that runs is left alone unless something it has read at its start was changed. */
function startOf(observed: ServiceState, host: HostRun, run: Run): Change[] {
  if (!observed.active) return [{ what: `start ${agentUnit}` }];
  const isStale = observed.restartPending || host.agent?.needsRestart === true || needsEnrolment(host, run);
  return isStale ? [{ what: `restart ${agentUnit}` }] : [];
}

/** What the server has to add or correct about the node. */
function nodeChanges(host: HostRun, run: Run): Change[] {
  const node = run.nodes?.get(host.host.name);
  if (node === undefined) return [{ what: `add the node ${host.host.name}` }];
  const { groups, labels } = wantedNode(host.host);
  return [
    ...addressChange(node, host.address),
    ...(sameNames(node.groups, groups) ? [] : [{ what: `change its groups to ${groups.join(', ')}` }]),
    ...(labels === undefined || sameNames(labelTexts(node.labels), labelTexts(labels))
      ? []
      : [{ what: `change its labels to ${labelTexts(labels).join(', ') || 'none'}` }]),
  ];
}

const addressChange = ({ privateIp }: KnownNode, address: string | undefined): Change[] =>
  address === undefined || privateIp === address ? [] : [{ what: `change its private IP from ${privateIp ?? 'none'} to ${address}` }];

const labelTexts = (labels: Readonly<Record<string, string>>): string[] => Object.entries(labels).map(([key, value]) => `${key}=${value}`);

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  JSON.stringify(some.toSorted()) === JSON.stringify(others.toSorted());
