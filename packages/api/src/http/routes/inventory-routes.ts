import { z } from 'zod';
import {
  InventoryDocument,
  InventoryHosts,
  InventoryName,
  InventorySave,
  maxInventoryBytes,
  SavedInventory,
  SavedInventoryList,
} from '../../run/saved-inventory.ts';
import { none, type Route } from '../route.ts';

const inventoryParams = z.object({ inventory: InventoryName });

/** Inventories that the server keeps, to run them by itself. */
export const inventoryRoutes = {
  listInventories: {
    method: 'GET',
    path: '/inventories',
    access: 'viewer',
    response: SavedInventoryList,
    status: 200,
    summary: 'Inventories that the server keeps, and the registered nodes as one',
  },
  getInventory: {
    method: 'GET',
    path: '/inventories/{inventory}',
    access: 'administrator',
    params: inventoryParams,
    response: InventoryDocument,
    status: 200,
    summary: 'One inventory with its variables',
  },
  saveInventory: {
    method: 'PUT',
    path: '/inventories/{inventory}',
    access: 'administrator',
    params: inventoryParams,
    body: InventorySave,
    // Quotes and line ends take two characters of JSON.
    jsonBytes: 2 * maxInventoryBytes,
    response: SavedInventory,
    status: 200,
    summary: 'Keep an inventory, in place of the one of this name; the same again changes nothing',
  },
  removeInventory: {
    method: 'DELETE',
    path: '/inventories/{inventory}',
    access: 'administrator',
    params: inventoryParams,
    response: none,
    status: 204,
    summary: 'Forget an inventory; its runs stay',
  },
  listInventoryHosts: {
    method: 'GET',
    path: '/inventories/{inventory}/hosts',
    access: 'administrator',
    params: inventoryParams,
    query: z.strictObject({ limit: z.string().min(1).max(4000).optional() }),
    response: InventoryHosts,
    status: 200,
    summary: 'On which hosts a run would work, and to which of them the server has no way',
  },
} as const satisfies Record<string, Route>;
