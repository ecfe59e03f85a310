import { z } from 'zod';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { Change, HostRun, KnownNode, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { nodeMark, writeMarkScript } from '../host/node-mark.ts';
import { runScript } from '../host/run-script.ts';
import { askServer } from '../host/server-cli.ts';
import { observeService, restartService, serviceState, type ServiceState } from '../host/service.ts';
import { agentUnit } from '../host/units.ts';
import { firstDecisions, wantedNode } from '../host/wanted-node.ts';
import { ProvisionError } from '../provision-error.ts';

const Ensured = z.array(z.object({ name: z.string(), id: z.uuid(), token: z.string().optional() }));

/** Makes each host a node of the server, gives its agent a certificate by a fresh token, and starts it. */
export const enrolPhase: Phase<ServiceState> = {
  name: 'enrol',
  needs: ['server', 'agent'],
  concerns: isNode,
  observe: async (host, run) =>
    serviceState(await runScript(connectionOf(host), observeService(agentUnit), { label: `look at ${agentUnit}`, signal: run.signal })),
  plan: (observed, host, run) => [
    ...nodeChanges(host, run),
    ...enrolmentChanges(host),
    ...(observed.enabled ? [] : [{ what: `enable ${agentUnit}` }]),
    ...startOf(observed, host),
  ],
  beforeAct: async (hosts, run) => {
    const wanted = hosts
      .filter((host) => needsEnrolment(host) || nodeChanges(host, run).length > 0)
      .map((host) => ({
        ...ofNewNode(host, run),
        ...wantedNode(host.host),
        privateIp: host.address ?? null,
        token: needsEnrolment(host),
        // The certificate from before is then revoked.
        reissue: host.agent?.enrolment.kind === 'enrol' && host.agent.enrolment.reissue,
      }));
    if (wanted.length === 0) return;
    const stdin = JSON.stringify(wanted);
    const answer = await askServer(connectionOf(driverOf(run)), ['node', 'ensure', '-'], Ensured, { signal: run.signal, stdin });
    const answers = new Map(answer.map((one) => [one.name, one]));
    for (const host of hosts) {
      const { id, token } = answers.get(host.host.name) ?? {};
      if (id !== undefined) host.nodeId = id;
      if (token !== undefined) host.token = token;
    }
  },
  act: async (observed, host, run) => {
    const { token, nodeId = run.nodes?.get(host.host.name)?.id } = host;
    delete host.token;
    const options = { sudo: true, signal: run.signal };
    if (token !== undefined) {
      // On standard input: a token in an argument could be read by everyone on the host.
      const script = `${writeMarkScript}exec /opt/muster-agent/bin/muster-agent enroll --force --token-file -`;
      await runScript(connectionOf(host), script, { ...options, label: 'enrol the agent', stdin: `${nodeId}\n${token}\n` });
    } else if (host.agent?.isMarked === false) {
      await runScript(connectionOf(host), writeMarkScript, { ...options, label: 'mark the host', stdin: `${nodeId}\n` });
    }
    if (observed.enabled && startOf(observed, host).length === 0) return;
    await runScript(connectionOf(host), restartService(agentUnit), { label: `start ${agentUnit}`, sudo: true, signal: run.signal });
  },
  verify: async (host, run) => {
    const output = await runScript(connectionOf(host), observeService(agentUnit), { label: `look at ${agentUnit}`, signal: run.signal });
    if (!serviceState(output).active)
      throw new ProvisionError(`${agentUnit} on ${host.host.name} does not stay up. Read: journalctl -u muster-agent`);
  },
};

const needsEnrolment = (host: HostRun): boolean => host.agent?.enrolment.kind !== 'keep';

/** A host that was enrolled before there were marks gets one: the next run may find it in pieces. */
function enrolmentChanges({ agent }: HostRun): Change[] {
  if (agent?.enrolment.kind === 'keep') return agent.isMarked ? [] : [{ what: `write ${nodeMark}` }];
  const isReplaced = agent?.enrolment.kind === 'enrol' && agent.enrolment.reissue;
  return [{ what: `enrol the agent with a fresh token${isReplaced ? ', and revoke its certificate from before' : ''}` }];
}

/** An agent that runs is left alone unless something it has read at its start was changed. */
function startOf(observed: ServiceState, host: HostRun): Change[] {
  if (!observed.active) return [{ what: `start ${agentUnit}` }];
  const isStale = observed.restartPending || host.agent?.needsRestart === true || needsEnrolment(host);
  return isStale ? [{ what: `restart ${agentUnit}` }] : [];
}

const ofNewNode = (host: HostRun, run: Run) => (run.nodes?.get(host.host.name) === undefined ? firstDecisions(host.host) : {});

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
