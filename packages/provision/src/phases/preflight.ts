import { factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { preflightProblems } from '../host/preflight.ts';
import { ProvisionError } from '../provision-error.ts';

/** Names everything that stands in the way of a host, at once, before anything is touched. */
export const preflightPhase: Phase<undefined> = {
  name: 'preflight',
  concerns: () => true,
  observe: async (host, run) => {
    const problems = [...preflightProblems(host.host, factsOf(host)), ...sharedAddress(host, run), ...movedServer(run)];
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

/**
 * A second server would know none of the nodes, and they would leave the first for it: whoever names another host in [driver] is asked
 * before anything is touched, on every host.
 */
function movedServer({ hosts, cluster }: Run): string[] {
  const servers = hosts.filter(({ facts }) => facts?.hasServer === true).map(({ host }) => host);
  const [server] = servers;
  if (server === undefined || servers.includes(cluster.driver)) return [];
  return [
    `${server.name} has the management server of these hosts, but [driver] is ${cluster.driver.name}: name ${server.name} in [driver] again; to begin anew ` +
      `with another server, first take everything away by muster reset with the inventory as it was (muster backup keeps what the server knows)`,
  ];
}
