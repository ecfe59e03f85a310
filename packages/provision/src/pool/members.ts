import type { ClusterHost } from '../host/cluster.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** What a host is to a pool of management servers: `database` a full member with a copy of the database, `witness` a voter only. */
export type PoolRole = 'database' | 'witness';

/** What a host is in the cluster by the groups of which a management server is made. */
export type ManagementRole = 'driver' | 'worker' | PoolRole;

/** The hosts that run a management server: those of [management]; where the inventory has no such group, those of [driver]. */
function managementHosts(hosts: readonly ClusterHost[]): ClusterHost[] {
  const group = hosts.some(({ groups }) => groups.includes('management')) ? 'management' : 'driver';
  return hosts.filter(({ groups }) => groups.includes(group));
}

/**
 * The roles of a host: `driver` with a management server, `worker`, and what it is to the pool. With [management] a host of [driver] alone
 * keeps what the guide has for it besides, and is a worker.
 */
export function managementRoles(host: ClusterHost, hosts: readonly ClusterHost[]): ManagementRole[] {
  const members = managementHosts(hosts);
  const isMember = members.some(({ name }) => name === host.name);
  const isPool = members.length > 1 && members.every((one) => databaseUrlOf(one) === undefined);
  return [
    ...(isMember ? (['driver'] as const) : []),
    ...(host.groups.includes('worker') || (host.groups.includes('driver') && !isMember) ? (['worker'] as const) : []),
    ...(isMember && isPool ? (['database'] as const) : []),
    ...(host.groups.includes('witness') ? (['witness'] as const) : []),
  ];
}

/** The user's own PostgreSQL, where the pool is to use that. It holds a password: it goes into files of mode 0640 and nowhere else. */
export const databaseUrlOf = (host: ClusterHost): string | undefined => textVariable(host, 'muster_database_url');

/** Whether the server of a host uses a database that others may use too: the pool's, or one of the user's. */
export const sharesDatabase = (host: ClusterHost): boolean =>
  host.roles.includes('driver') && (host.roles.includes('database') || databaseUrlOf(host) !== undefined);

/** Whether a host votes in the pool's etcd. */
export const isVoter = ({ roles }: Pick<ClusterHost, 'roles'>): boolean => roles.includes('database') || roles.includes('witness');

const smallest = 'Two full members plus a witness is the smallest pool that survives a loss';

/**
 * That the pool can lose a machine and go on: an odd number of voters, three at least.
 * @throws ProvisionError with the reason and what to do
 */
export function requirePool(hosts: readonly ClusterHost[]): void {
  const members = hosts.filter(({ roles }) => roles.includes('driver'));
  const witnesses = hosts.filter(({ roles }) => roles.includes('witness'));
  const both = witnesses.find(({ roles }) => roles.includes('driver'));
  if (both !== undefined) {
    throw new ProvisionError(
      `${both.name} is a management server and in [witness]: a witness is a machine of its own. Name it in one of them.`,
    );
  }
  requireOneDatabase(members, witnesses);
  if (members.some(({ roles }) => !roles.includes('database'))) {
    requireNoWitness(members, witnesses);
    return;
  }
  requireOddVoters(members, witnesses);
}

function requireOneDatabase(members: readonly ClusterHost[], witnesses: readonly ClusterHost[]): void {
  const urls = new Set(members.map((host) => databaseUrlOf(host)));
  const without = members.find((host) => databaseUrlOf(host) === undefined);
  if (urls.size > 1) {
    throw new ProvisionError(
      `The management servers are to use different databases${without === undefined ? '' : ` (${without.name} has no muster_database_url)`}. Set muster_database_url for the whole group, to one value.`,
    );
  }
  const [first] = members;
  if (first === undefined || databaseUrlOf(first) === undefined || witnesses.length === 0) return;
  throw new ProvisionError(
    `${namesOf(witnesses)} in [witness] would vote on the pool's own PostgreSQL, and with muster_database_url there is none. Take [witness] out.`,
  );
}

function requireNoWitness(members: readonly ClusterHost[], witnesses: readonly ClusterHost[]): void {
  if (witnesses.length === 0) return;
  throw new ProvisionError(
    `The inventory has ${members.length} management server and ${witnesses.length} in [witness]. ${smallest}: name another machine in [management], or take [witness] out.`,
  );
}

function requireOddVoters(members: readonly ClusterHost[], witnesses: readonly ClusterHost[]): void {
  if (members.length < 2) return;
  if (members.length === 2 && witnesses.length === 0) {
    throw new ProvisionError(
      `The pool would have two members (${namesOf(members)}): when one is lost, the other cannot know that it is not itself the one cut off, and stops. ` +
        `${smallest}: name a third machine, also a small one, in [witness].`,
    );
  }
  const voters = [...members, ...witnesses];
  if (voters.length % 2 === 1) return;
  throw new ProvisionError(
    `The pool would have ${voters.length} voters (${namesOf(voters)}), which survive no more losses than ${voters.length - 1} and stop when they are cut into halves. ` +
      'Name one machine more or one fewer in [witness].',
  );
}

const namesOf = (hosts: readonly ClusterHost[]): string => hosts.map(({ name }) => name).join(', ');
