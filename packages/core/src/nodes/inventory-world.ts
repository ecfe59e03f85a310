import type { Inventory } from '../inventory/inventory.ts';
import { inNaturalOrder } from '../range/natural-order.ts';
import type { RangeWorld } from '../range/range-world.ts';

/**
 * The hosts of an inventory as a world for ranges: what a range would name were the hosts nodes already. Their groups are its groups, and
 * `group` and `role` its attributes: the rest of a node is not known before there is one. Pure.
 */
export function inventoryWorld(inventory: Inventory): Pick<RangeWorld, 'names' | 'groups' | 'attributes' | 'attributeOf'> {
  const names = inNaturalOrder(inventory.hosts);
  const groupsOf = new Map(names.map((name) => [name, inventory.groupsOf(name)]));
  const groups = new Map([...inventory.groups.keys()].map((group): [string, string[]] => [group, []]));
  for (const [name, its] of groupsOf) for (const group of its) groups.get(group)?.push(name);
  groups.delete('all');
  const choices = [...groups.keys()];
  return {
    names,
    groups,
    attributes: new Map([
      ['group', choices],
      ['role', choices],
    ]),
    attributeOf: (name, attribute) => (attribute === 'group' || attribute === 'role' ? groupsOf.get(name) : undefined),
  };
}
