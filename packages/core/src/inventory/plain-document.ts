import { ansibleJsonText } from './ansible-json.ts';
import { addressVariables, loginVariables } from './connection.ts';
import type { Variables } from './inventory-value.ts';
import type { Inventory } from './inventory.ts';
import { shownOf } from './inventory-listing.ts';

/**
 * An inventory as one document without anything beside it: every host with all its variables, every group with its hosts and groups. Ansible
 * and Muster read it as a file and find the same in it. How a person logs in to the hosts is left out: whoever runs it has a way of his own.
 * Encrypted values and places of secrets stand as they are written. `ownWay` gives the variables by which a host is reached instead of those
 * it has; where it gives none the host keeps its address. Pure.
 */
export function plainDocument(inventory: Inventory, ownWay: (host: string) => Variables | undefined = () => undefined): string {
  const hosts = inventory.hosts.map((name): Entry => {
    const kept = without(shownOf(inventory.writtenVarsOf(name)), loginVariables);
    const way = ownWay(name);
    const variables: Variables = way === undefined ? kept : new Map([...without(kept, addressVariables), ...way]);
    return [name, ansibleJsonText(variables)];
  });
  const groups = [...inventory.groups.values()].filter(({ name }) => !implicit.has(name));
  const children = groups.map(({ name, hosts: own, children: below }): Entry => [
    name,
    objectOf([
      ['hosts', named(own)],
      ['children', named(below)],
    ]),
  ]);
  const all = objectOf([
    ['hosts', objectOf(hosts)],
    ['children', objectOf(children)],
  ]);
  return `${objectOf([['all', all]])}\n`;
}

/** A name and the JSON that belongs to it. */
type Entry = readonly [name: string, json: string];

/** In the order given, which for hosts and groups is part of what an inventory says. */
const objectOf = (entries: readonly Entry[]): string =>
  entries.length === 0 ? '{}' : `{\n${entries.map(([name, json]) => `${JSON.stringify(name)}: ${json}`).join(',\n')}\n}`;

/** Groups that every inventory has by itself. */
const implicit: ReadonlySet<string> = new Set(['all', 'ungrouped']);

const named = (names: readonly string[]): string => objectOf(names.map((name): Entry => [name, '{}']));

const without = (variables: Variables, names: ReadonlySet<string>): Variables =>
  new Map([...variables].filter(([name]) => !names.has(name)));
