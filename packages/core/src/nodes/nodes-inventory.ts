import type { Node } from '@muster/api';
import { stringify } from 'yaml';

type Variables = Readonly<Record<string, string | boolean>>;
type Group = { readonly hosts: Readonly<Record<string, Record<string, never>>> };

/**
 * The registered nodes as an inventory in Ansible's YAML form: each node with how it is reached and how it fares, and the groups it is in. Both
 * Ansible and Muster read it as a file. Pure.
 *
 * The variables: `ansible_host` (private address, else the one its agent reports, else the public one; left out where none is known),
 * `muster_labels` as an inventory has them, `muster_*` for what only a server knows, and what `more` gives.
 */
export function nodesInventory(nodes: readonly Node[], more: (node: Node) => Readonly<Record<string, string>> = () => ({})): string {
  const named = nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const hosts = Object.fromEntries(named.map((node) => [node.name, { ...variablesOf(node), ...more(node) }]));
  const names = [...new Set(named.flatMap(({ groups }) => groups))].filter((name) => !implicit.has(name)).toSorted();
  const children = Object.fromEntries(names.map((name) => [name, groupOf(name, named)]));
  // Ansible reads YAML 1.1, in which a bare `yes` is no text.
  return stringify(
    { all: { hosts, children } },
    { version: '1.1', defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 },
  );
}

/** Groups that every inventory has by itself. */
const implicit: ReadonlySet<string> = new Set(['all', 'ungrouped']);

const groupOf = (group: string, nodes: readonly Node[]): Group => ({
  hosts: Object.fromEntries(nodes.filter(({ groups }) => groups.includes(group)).map(({ name }) => [name, {}])),
});

function variablesOf(node: Node): Variables {
  const address = node.privateIp ?? node.reportedIp ?? node.publicIp;
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  const known: Record<string, string | boolean | null> = {
    ansible_host: address,
    muster_id: node.id,
    muster_health: node.health.state,
    muster_registration: node.registration,
    muster_connected: node.connected,
    muster_scheduling: node.scheduling.state,
    muster_maintenance: node.maintenance !== null,
    muster_private_ip: node.privateIp,
    muster_public_ip: node.publicIp,
    muster_labels: labels.length === 0 ? null : labels.join(','),
  };
  return Object.fromEntries(Object.entries(known).filter((entry): entry is [string, string | boolean] => entry[1] !== null));
}
