import { problem, secretsFolder } from '@muster/api';
import { type Inventory, InventoryError, readInventory, secretProblems } from '@muster/core';

const name = 'inventory.yml';

/** A kept document as an inventory; nothing beside it is read, nothing is looked up. @throws ProblemError that says where it is wrong */
export function readKept(document: string): Inventory {
  try {
    return readInventory([name], { read: (path) => (path === name ? document : undefined), list: () => undefined });
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    throw problem('invalid-request', error.message, [{ path: 'document', message: error.message }], { cause: error });
  }
}

/** The document as an inventory that may be kept: it has hosts, and holds no secret. @throws ProblemError */
export function readToKeep(document: string): Inventory {
  const inventory = readKept(document);
  if (inventory.hosts.length === 0) throw problem('invalid-request', 'The inventory has no host, so there is nothing to keep.');
  const problems = secretProblems(inventory, secretsFolder);
  if (problems.length === 0) return inventory;
  const errors = problems.map((message) => ({ path: 'document', message }));
  throw problem('invalid-request', `The inventory was not kept, because others would read its secrets: ${problems.join('; ')}.`, errors);
}
