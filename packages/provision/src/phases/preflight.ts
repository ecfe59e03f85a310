import { factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { preflightProblems } from '../host/preflight.ts';
import { ProvisionError } from '../provision-error.ts';

/** Names everything that stands in the way of a host, at once, before anything is touched. */
export const preflightPhase: Phase<undefined> = {
  name: 'preflight',
  concerns: isNode,
  observe: async (host, run) => {
    const problems = [...preflightProblems(host.host, factsOf(host)), ...sharedAddress(host, run)];
    if (problems.length > 0) throw new ProvisionError(`${host.host.name} cannot be used: ${problems.join('; ')}.`);
    return undefined;
  },
  plan: () => [],
};

/** Two hosts that claim one address: one of them is wrong, and which one only a person can know. */
function sharedAddress({ host, address }: HostRun, { hosts }: Run): string[] {
  const others = address === undefined ? [] : hosts.filter((other) => other.host !== host && other.address === address);
  return others.map((other) => `it has the same address ${address} as ${other.host.name}`);
}
