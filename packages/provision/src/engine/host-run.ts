import type { Connection } from '@muster/ssh';
import type { HostFacts } from '../host/host-facts.ts';
import { ProvisionError } from '../provision-error.ts';
import type { HostRun, Run } from './phase.ts';

/** The open connection of a host that has passed the connect phase. */
export function connectionOf(host: HostRun): Connection {
  if (host.connection === undefined) throw new ProvisionError(`${host.host.name} is not connected.`);
  return host.connection;
}

/** What the detect phase found out. */
export function factsOf(host: HostRun): HostFacts {
  if (host.facts === undefined) throw new ProvisionError(`${host.host.name} was not looked at.`);
  return host.facts;
}

/**
 * The host whose management server is asked: of a pool the first that has not failed.
 * @throws ProvisionError when a phase has failed on all of them
 */
export function driverOf(run: Run): HostRun {
  const { management } = run.cluster;
  if (management.length === 0) throw new ProvisionError('The inventory has no host in the group [driver].');
  const members = management.flatMap((member) => run.hosts.filter(({ host }) => host === member));
  const living = members.filter((host) => host.connection !== undefined && host.failed !== true);
  const found = living.find((host) => host.heldBack?.includes('server') !== true) ?? living[0];
  if (found === undefined) throw new ProvisionError(noServer(management.map(({ name }) => name)));
  if (found.heldBack?.includes('server') === true && run.nodes === undefined) {
    throw new ProvisionError(
      `The management server on ${found.host.name} does not answer, and that host is outside --limit. Take it in, or mend the server first.`,
    );
  }
  return found;
}

const noServer = ([first, ...others]: readonly string[]): string =>
  others.length === 0
    ? `The management server's host ${first} has failed, and nothing goes on without it. Mend that host first, then run the same command again.`
    : `The hosts of all management servers (${[first, ...others].join(', ')}) have failed, and nothing goes on without one. Mend one of them first, then run the same command again.`;
