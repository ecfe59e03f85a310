import { readHostList } from './host-list.ts';
import { InventoryError, locating } from './inventory-error.ts';
import { resolveSource, type InventoryFiles } from './inventory-files.ts';
import { InventoryGraph } from './inventory-graph.ts';
import { Inventory } from './inventory.ts';
import type { Variables } from './inventory-value.ts';
import { readSourceFile } from './source-file.ts';
import { VariablesFiles } from './variables-files.ts';

/** What else goes into an inventory. */
export interface InventoryOptions {
  /** Variables of the command line (`-e`); they beat all others. */
  readonly extraVariables?: Variables;
}

/**
 * Reads inventory sources (`-i`) in order, a later one winning for each variable, with the
 * group_vars and host_vars beside them: files in Ansible's INI form or in YAML or JSON,
 * directories of them, or names with commas between. Throws InventoryError for everything
 * Ansible would reject or skip with a warning.
 */
export function readInventory(sources: readonly string[], files: InventoryFiles, options: InventoryOptions = {}): Inventory {
  if (sources.length === 0) {
    const advice = 'Name an inventory with -i.';
    throw new InventoryError({ problem: 'there is no inventory to read', advice });
  }
  const graph = new InventoryGraph();
  const resolved = sources.map((source) => resolveSource(source, files));
  for (const source of resolved) {
    if (source.hostList !== undefined) readHostList(source.hostList, graph);
    for (const file of source.files) readSourceFile(file, files, graph);
  }
  const place = { file: resolved.at(-1)?.path };
  locating(place, () => graph.reconcile());
  const besides = resolved.filter((source) => source.hostList === undefined);
  const variableFiles = besides.map(({ directory }) => new VariablesFiles(directory, files));
  return new Inventory(graph, variableFiles, options.extraVariables ?? new Map(), files);
}
