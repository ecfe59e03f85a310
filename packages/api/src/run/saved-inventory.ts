import { z } from 'zod';
import { secretText } from '../http/secret-text.ts';

/** The inventory that is always there: the registered nodes. */
export const registeredInventory = 'registered';

/** Where secrets lie that a kept inventory may name: files on the management server, for its user only. */
export const secretsFolder = '/etc/muster/secrets';

/** So much a document may hold: some ten thousand hosts with thirty variables each. */
export const maxInventoryBytes = 8 * 1024 * 1024;

/** What an inventory is kept under on the server. */
export const InventoryName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/u, { error: 'a name of an inventory is of small letters, digits, ".", "_" and "-", at most 64' });

/** An inventory that the server keeps, in short. */
export const SavedInventory = z.object({
  name: InventoryName,
  /** Counts on each time something else is saved under the name; null for the registered nodes, which nobody saves. */
  version: z.number().int().positive().nullable(),
  /** SHA-256 of the document. */
  sha256: z.string(),
  hosts: z.number().int().nonnegative(),
  savedBy: z.string().nullable(),
  savedAt: z.iso.datetime().nullable(),
});
export type SavedInventory = z.infer<typeof SavedInventory>;

export const SavedInventoryList = z.object({ items: z.array(SavedInventory) });
export type SavedInventoryList = z.infer<typeof SavedInventoryList>;

/** An inventory with its document: JSON or YAML in the form that Ansible and Muster read as a file, without anything beside it. */
export const InventoryDocument = SavedInventory.extend({ document: z.string() });
export type InventoryDocument = z.infer<typeof InventoryDocument>;

export const InventorySave = z.strictObject({ document: secretText(z.string().min(1).max(maxInventoryBytes)) });
export type InventorySave = z.infer<typeof InventorySave>;

/** The hosts on which a run from the server would work. */
export const InventoryHosts = z.object({
  hosts: z.array(z.string()),
  /** Those of them to which the server has no way in as root, and why; a run with one of them is refused. */
  unreachable: z.array(z.object({ host: z.string(), reason: z.string() })),
  /** How each other phase of a run is called, in order. */
  phases: z.array(z.string()),
});
export type InventoryHosts = z.infer<typeof InventoryHosts>;
