import type { ServerAtEnd } from '@muster/provision';
import { askYesNo, canAsk } from '../ssh/ask.ts';
import { oneLine } from '../output/printable.ts';

/** Nodes that an earlier run has made and that the inventory does not name any more: those that are still there, and those that were removed. */
export type MissingNodes = { readonly left: readonly string[]; readonly removed: readonly string[]; readonly problem?: string };

type Options = { readonly removeMissing?: boolean; readonly yes?: boolean; readonly dryRun?: boolean };

/**
 * Finds them, and with `--remove-missing` and a yes drains and removes them. Nothing is removed without both. `named`: all hosts of the
 * inventory, also those that this run leaves out.
 */
export async function settleMissing(server: ServerAtEnd, named: ReadonlySet<string>, options: Options): Promise<MissingNodes> {
  const nodes = server.nodesOfInventory.filter(({ name }) => !named.has(name));
  const names = nodes.map(({ name }) => name);
  if (names.length === 0 || options.removeMissing !== true || options.dryRun === true) return { left: names, removed: [] };
  if (!(await isWanted(names, options))) return { left: names, removed: [] };
  try {
    const heard = nodes.filter(({ isHeard }) => isHeard).map(({ name }) => name);
    // What is gone cannot be waited for.
    if (heard.length > 0)
      await server.muster(['node', 'drain', heard.join(','), '--reason', 'not in the inventory any more', '--deadline', '4m', '--wait']);
    await server.muster(['node', 'remove', names.join(','), '--yes']);
    return { left: [], removed: names };
  } catch (error) {
    return { left: names, removed: [], problem: oneLine(error instanceof Error ? error.message : String(error)) };
  }
}

async function isWanted(names: readonly string[], { yes }: Options): Promise<boolean> {
  return (
    yes === true || (canAsk() && (await askYesNo(`Drain and remove ${names.join(', ')}, which the inventory does not name any more?`)))
  );
}

/** What the summary says of them: what they are, and the commands that take them out. */
export function missingLines({ left, removed, problem }: MissingNodes, driver: string): string[] {
  return [
    ...(removed.length === 0 ? [] : [`Removed, because not in the inventory any more: ${removed.join(', ')}`]),
    ...(problem === undefined ? [] : [`Not removed: ${problem}`]),
    ...(left.length === 0
      ? []
      : [
          `Nodes of earlier runs that the inventory does not name any more: ${left.join(', ')}. To drain and remove them, run this with --remove-missing, or on ${driver}:`,
          `  sudo muster node remove ${left.join(',')} --yes`,
        ]),
  ];
}
