import { parseHostAddress } from './host-address.ts';
import { InventoryError, locating } from './inventory-error.ts';
import type { InventoryGraph } from './inventory-graph.ts';
import { stripPython } from './python-text.ts';

/**
 * Reads names with commas between (`-i web1,web2:2222` or `-i web1,`): hosts of no group; a
 * host that is known already stays as it is. Throws InventoryError for a range, which
 * Ansible takes for a name here.
 */
export function readHostList(text: string, graph: InventoryGraph): void {
  const ungrouped = graph.addGroup('ungrouped');
  for (const part of text.split(',')) {
    const name = stripPython(part);
    if (name === '') continue;
    const { pattern, port } = parseHostAddress(name);
    if (pattern.includes('[')) throw rangeError(text, name);
    if (graph.hosts.has(pattern)) continue;
    locating({ file: text }, () => graph.addHost(pattern, ungrouped, port));
  }
}

function rangeError(file: string, offending: string): InventoryError {
  const advice = 'Name each host, or write the range into a file.';
  return new InventoryError({ file, problem: 'a list of hosts with commas between holds no ranges', offending, advice });
}
