import type { Handlers } from '../http/handlers.ts';
import { requireWholeInstallation } from '../permissions/require-whole-installation.ts';
import { whoIs } from '../permissions/who-is.ts';
import type { Inventories } from '../runs/inventories.ts';
import { planRun } from '../runs/plan-run.ts';

export type InventoryHandlerParts = { readonly inventories: Inventories };

type InventoryRoutes = 'listInventories' | 'getInventory' | 'saveInventory' | 'removeInventory' | 'listInventoryHosts';

/** Inventories that the server keeps. They are of hosts of any group, so they are for those whose rights are bound to none. */
export function inventoryHandlers({ inventories }: InventoryHandlerParts): Pick<Handlers, InventoryRoutes> {
  return {
    listInventories: async () => ({ items: await inventories.list() }),
    getInventory: async ({ params, session }) => {
      requireWholeInstallation(session);
      return await inventories.get(params.inventory);
    },
    saveInventory: async ({ params, body, session }) => {
      requireWholeInstallation(session);
      return await inventories.save(params.inventory, body, whoIs(session));
    },
    removeInventory: async ({ params, session }) => {
      requireWholeInstallation(session);
      await inventories.remove(params.inventory);
      return undefined;
    },
    listInventoryHosts: async ({ params, query, session }) => {
      requireWholeInstallation(session);
      const { inventory, ways } = await inventories.toRun(params.inventory);
      const limit = query.limit === undefined ? {} : { limit: query.limit };
      const { hosts, unreachable, phases } = planRun(inventory, { ...limit, only: [], skip: [], skipCheck: [] }, ways);
      return { hosts: [...hosts], unreachable: [...unreachable], phases: [...phases] };
    },
  };
}
