import type { ClusterHost } from '../host/cluster.ts';
import { ProvisionError } from '../provision-error.ts';
import type { Surveyed } from './survey.ts';

/** How the hosts were logged in to, where that was said. */
export type SaidLogin = { readonly user?: string | undefined; readonly privateKeyFile?: string | undefined };

/**
 * The text of an inventory for hosts that were looked at. Each is called as it calls itself, where that is a name no other has; the driver becomes
 * [driver], the others [worker], a single host both. Pure.
 * @throws ProvisionError when no host is called `driver`
 */
export function inventoryText(
  hosts: readonly ClusterHost[],
  found: readonly Surveyed[],
  login: SaidLogin,
  driver: string | undefined,
): string {
  const names = namesOf(found);
  const first = driver === undefined ? found[0] : found.find((one) => [one.asked, names.get(one)].includes(driver));
  if (first === undefined) throw new ProvisionError(`None of the hosts is ${driver ?? 'there'}: the driver must be one of them.`);
  const lines = found.map((one) => `${commentOf(one)}\n${hostLine(one, names.get(one) ?? one.asked, hosts, login)}`);
  const workers = found.filter((one) => one !== first || found.length === 1).map((one) => names.get(one));
  return `${lines.join('\n')}\n\n[driver]\n${names.get(first) ?? ''}\n\n[worker]\n${workers.join('\n')}\n`;
}

const commentOf = ({ osName, cores, memoryBytes }: Surveyed): string =>
  `# ${printable(osName)}, ${cores} cores, ${(memoryBytes / 1024 ** 3).toFixed(1)} GiB`;

/** What a host says of itself is foreign text: a line break in it would be a line of the inventory. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/gu, '').slice(0, 60);

function hostLine(one: Surveyed, name: string, hosts: readonly ClusterHost[], login: SaidLogin): string {
  const connection = hosts.find((host) => host.name === one.asked)?.connection;
  const variables: readonly (readonly [string, string | undefined])[] = [
    ['ansible_host', connection?.address ?? one.asked],
    ['ansible_port', connection?.port === undefined ? undefined : String(connection.port)],
    ['ansible_user', connection?.user ?? login.user],
    ['ansible_ssh_private_key_file', connection?.privateKeyFile ?? login.privateKeyFile],
    ['my_iface', one.iface],
    ['has_gpu', one.hasGpu ? 'true' : undefined],
  ];
  const words = variables.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${quoted(value)}`]));
  return [name, ...words].join(' ');
}

const quoted = (value: string): string => (/^[\w./:@~-]+$/u.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`);

/** Names that mean something else in an inventory, or nothing. */
const taken: ReadonlySet<string> = new Set(['localhost', 'all', 'ungrouped', 'driver', 'worker']);

/** The first part of each hostname, or what was asked for where that is no name, or that of several. */
function namesOf(found: readonly Surveyed[]): Map<Surveyed, string> {
  const shortOf = ({ hostname }: Surveyed): string => hostname.split('.')[0] ?? '';
  const isGood = (one: Surveyed): boolean =>
    /^[a-z0-9][a-z0-9-]{0,62}$/u.test(shortOf(one)) &&
    !taken.has(shortOf(one)) &&
    found.every((other) => other === one || ![other.asked, shortOf(other)].includes(shortOf(one)));
  return new Map(found.map((one) => [one, isGood(one) ? shortOf(one) : one.asked]));
}
