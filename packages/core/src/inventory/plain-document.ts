import { ansibleJsonText } from './ansible-json.ts';
import { addressVariables, loginVariables } from './connection.ts';
import type { InventoryValue, Variables } from './inventory-value.ts';
import type { Inventory } from './inventory.ts';
import { shownOf } from './inventory-listing.ts';

/**
 * An inventory as one document without anything beside it: every host with all its variables, every group with its hosts and groups. Ansible
 * and Muster read it as a file and find the same in it. How a person logs in to the hosts is left out: whoever runs it has a way of his own.
 * Encrypted values and places of secrets stand as they are written. `ownWay` gives the variables by which a host is reached instead of those
 * it has; where it gives none the host keeps its address. Pure.
 */
export function plainDocument(inventory: Inventory, ownWay: (host: string) => Variables | undefined = () => undefined): string {
  const hosts = inventory.hosts.map((name): [string, InventoryValue] => {
    const kept = without(shownOf(inventory.writtenVarsOf(name)), loginVariables);
    const way = ownWay(name);
    return [name, way === undefined ? kept : new Map([...without(kept, addressVariables), ...way])];
  });
  const groups = [...inventory.groups.values()].filter(({ name }) => !implicit.has(name));
  const children = groups.map(({ name, hosts: own, children: below }): [string, InventoryValue] => [
    name,
    new Map([
      ['hosts', named(own)],
      ['children', named(below)],
    ]),
  ]);
  const all = new Map<string, InventoryValue>([
    ['hosts', new Map(hosts)],
    ['children', new Map(children)],
  ]);
  return `${ansibleJsonText(new Map([['all', all]]))}\n`;
}

/** Groups that every inventory has by itself. */
const implicit: ReadonlySet<string> = new Set(['all', 'ungrouped']);

const named = (names: readonly string[]): InventoryValue => new Map(names.map((name) => [name, new Map<string, InventoryValue>()]));

const without = (variables: Variables, names: ReadonlySet<string>): Variables =>
  new Map([...variables].filter(([name]) => !names.has(name)));
