import { readInventoryText } from './decode-source.ts';
import { readIniSource } from './ini-source.ts';
import { InventoryError, locating } from './inventory-error.ts';
import { extensionOf, resolveSource, type InventoryFiles } from './inventory-files.ts';
import { InventoryGraph } from './inventory-graph.ts';
import { Inventory } from './inventory.ts';
import type { Variables } from './inventory-value.ts';
import { VariablesFiles } from './variables-files.ts';

/** What else goes into an inventory. */
export interface InventoryOptions {
  /** Variables of the command line (`-e`); they beat all others. */
  readonly extraVariables?: Variables;
}

/** Formats a name promises that are not INI. */
const OTHER_FORMATS: ReadonlySet<string> = new Set(['.yml', '.yaml', '.json']);

/**
 * Reads inventory sources (`-i`: files in Ansible's INI form, or directories of them) in
 * order, a later one winning for each variable, with the group_vars and host_vars beside
 * them. A name like inv.toml makes no difference: the content is INI. Throws InventoryError
 * for everything Ansible would reject or skip with a warning.
 */
export function readInventory(sources: readonly string[], files: InventoryFiles, options: InventoryOptions = {}): Inventory {
  if (sources.length === 0) {
    const advice = 'Name an inventory with -i.';
    throw new InventoryError({ problem: 'there is no inventory to read', advice });
  }
  const graph = new InventoryGraph();
  const resolved = sources.map((source) => resolveSource(source, files));
  for (const file of resolved.flatMap((source) => source.files)) {
    refuseOtherFormats(file);
    readIniSource(file, readInventoryText(file, files), graph);
  }
  const place = { file: resolved.at(-1)?.path };
  locating(place, () => graph.reconcile());
  const variableFiles = resolved.map(({ directory }) => new VariablesFiles(directory, files));
  return new Inventory(graph, variableFiles, options.extraVariables ?? new Map());
}

function refuseOtherFormats(file: string): void {
  if (!OTHER_FORMATS.has(extensionOf(file))) return;
  throw new InventoryError({
    file,
    problem: 'inventories in YAML or JSON are not read yet',
    advice: "Write it in Ansible's INI form, under a name without that ending.",
  });
}
