export { connectionOf, type HostConnection } from "./connection.ts";
export { InventoryError, type InventoryPlace, type InventoryProblem } from "./inventory-error.ts";
export type { InventoryFiles } from "./inventory-files.ts";
export {
  PythonFloat,
  TaggedText,
  textOf,
  type InventoryValue,
  type Variables,
} from "./inventory-value.ts";
export { Inventory, type InventoryGroup } from "./inventory.ts";
export { readInventory, type InventoryOptions } from "./read-inventory.ts";
