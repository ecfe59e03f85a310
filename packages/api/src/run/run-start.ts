import { z } from 'zod';
import { InventoryName } from './saved-inventory.ts';

/** Names of phases or checks. */
const names = z
  .array(z.string().regex(/^[a-z0-9-]{1,64}$/u, { error: 'a name here is of small letters, digits and "-"' }))
  .max(100)
  .default([]);

/** What the management server is to run by itself, with its own key. It is always `muster apply`. */
export const RunStart = z.strictObject({
  inventory: InventoryName,
  /** A range of hosts of the inventory; without it all. */
  limit: z.string().min(1).max(4000).optional(),
  /** Only these phases, besides connect and detect; none means all. */
  only: names,
  /** All phases but these. */
  skip: names,
  /** Checks of the preflight to do without. */
  skipCheck: names,
  /** Say what would change, and change nothing. There is no default: nobody changes hosts by leaving a word out. */
  dryRun: z.boolean(),
});
export type RunStart = z.infer<typeof RunStart>;
