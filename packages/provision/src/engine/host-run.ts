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

/** The host that runs the management server. @throws ProvisionError when a phase has failed on it */
export function driverOf(run: Run): HostRun {
  if (run.cluster.driver === undefined) throw new ProvisionError('The inventory has no host in the group [driver].');
  const driver = run.hosts.find(({ host }) => host === run.cluster.driver);
  if (driver?.connection === undefined || driver.failed === true) {
    throw new ProvisionError(
      `The management server's host ${run.cluster.driver.name} has failed, and nothing goes on without it. Mend that host first, then run the same command again.`,
    );
  }
  if (driver.heldBack?.includes('server') === true && run.nodes === undefined) {
    throw new ProvisionError(
      `The management server on ${run.cluster.driver.name} does not answer, and that host is outside --limit. Take it in, or mend the server first.`,
    );
  }
  return driver;
}
