import { type Inventory, nodesInventory, readInventory } from '@muster/core';
import type { Command } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { GivenRange } from '../../range/given-range.ts';
import { selectNodes } from '../../range/select-nodes.ts';

/** Which of the registered nodes. */
export type OfNodes = { readonly filter: readonly string[]; readonly range?: string };

/** The registered nodes as a file in Ansible's YAML form. @throws CliError */
export async function nodesDocument(command: Command, { filter, range }: OfNodes): Promise<string> {
  const nodes = await selectNodes(serverClient(command), {
    sort: 'name',
    filter,
    range: range === undefined ? undefined : new GivenRange(range),
    allowEmpty: false,
  });
  return nodesInventory(nodes);
}

/** The same, read: what can be asked of the inventory of a file can be asked of it. */
export function readNodesDocument(document: string): Inventory {
  const name = 'registered-nodes.yml';
  return readInventory([name], { read: (path) => (path === name ? document : undefined), list: () => undefined });
}
