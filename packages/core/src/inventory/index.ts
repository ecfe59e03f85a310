export type { HostConnection } from './connection.ts';
export { readExtraVariables } from './extra-variables.ts';
export { graphLines } from './graph-text.ts';
export { InventoryError } from './inventory-error.ts';
export type { InventoryFiles } from './inventory-files.ts';
export { hostText, listText } from './inventory-listing.ts';
export { textOf, type InventoryValue, type Variables } from './inventory-value.ts';
export { Inventory, type InventoryGroup } from './inventory.ts';
export { readInventory } from './read-inventory.ts';
