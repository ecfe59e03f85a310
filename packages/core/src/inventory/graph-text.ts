import { InventoryError } from './inventory-error.ts';
import { shownOf } from './inventory-listing.ts';
import type { Variables } from './inventory-value.ts';
import type { Inventory } from './inventory.ts';
import { compareCodePoints } from './python-text.ts';
import { pythonTextOf } from './python-repr.ts';

/** What `graphLines` shows. */
interface GraphOptions {
  /** The group to begin with; `all` by itself. */
  readonly group?: string | undefined;
  readonly hasVariables?: boolean | undefined;
}

/**
 * The lines that `ansible-inventory --graph` prints: groups with the groups below them, then
 * their hosts, each followed by its variables where they are wanted. Throws InventoryError
 * for an unknown group.
 */
export function graphLines(inventory: Inventory, options: GraphOptions = {}): string[] {
  const name = options.group ?? 'all';
  if (inventory.groups.has(name)) return groupLines(inventory, name, 0, options.hasVariables === true);
  throw new InventoryError({
    problem: `the inventory has no group ${name}`,
    advice: 'Check the name, and which inventory is given with -i.',
  });
}

function groupLines(inventory: Inventory, name: string, depth: number, hasVariables: boolean): string[] {
  const group = inventory.groups.get(name);
  const lines = [line(`@${name}:`, depth)];
  for (const child of group?.children ?? []) lines.push(...groupLines(inventory, child, depth + 1, hasVariables));
  for (const host of name === 'all' ? [] : (group?.hosts ?? [])) {
    lines.push(line(host, depth + 1));
    if (hasVariables) lines.push(...variableLines(inventory.varsOf(host), depth + 2));
  }
  if (hasVariables) lines.push(...variableLines(inventory.groupVarsOf(name), depth + 1));
  return lines;
}

function variableLines(variables: Variables, depth: number): string[] {
  const sorted = [...shownOf(variables)].toSorted(([a], [b]) => compareCodePoints(a, b));
  return sorted.map(([name, value]) => line(`{${name} = ${pythonTextOf(value)}}`, depth));
}

function line(text: string, depth: number): string {
  return depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`;
}
