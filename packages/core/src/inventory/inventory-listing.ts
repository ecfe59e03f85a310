import { ansibleJsonText } from './ansible-json.ts';
import type { InventoryValue, Variables } from './inventory-value.ts';
import type { Inventory, InventoryGroup } from './inventory.ts';

/** Names that Ansible fills itself and `ansible-inventory` leaves out. */
const INTERNAL_NAMES: ReadonlySet<string> = new Set([
  'ansible_config_file',
  'ansible_diff_mode',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_playbook_python',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
  'group_names',
  'groups',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'omit',
  'playbook_dir',
]);

/** The JSON that `ansible-inventory --host` prints. Throws InventoryError for an unknown host. */
export function hostText(inventory: Inventory, host: string): string {
  return ansibleJsonText(shownOf(inventory.writtenVarsOf(host)));
}

/**
 * The JSON that `ansible-inventory --list` prints: each host with all its variables. With
 * `isExport` (`--export`) variables stand where they were set, those of groups at the groups.
 */
export function listText(inventory: Inventory, isExport = false): string {
  const hosts = new Map<string, InventoryValue>();
  for (const host of inventory.hosts) {
    const shown = shownOf(isExport ? inventory.ownVarsOf(host) : inventory.writtenVarsOf(host));
    if (shown.size > 0) hosts.set(host, shown);
  }
  const result = new Map<string, InventoryValue>();
  for (const group of inventory.groups.values()) {
    const parts = groupParts(inventory, group, isExport);
    if (parts.size > 0) result.set(group.name, parts);
  }
  result.set('_meta', new Map([['hostvars', hosts]]));
  return ansibleJsonText(result);
}

function groupParts(inventory: Inventory, { name, hosts, children }: InventoryGroup, isExport: boolean): Map<string, InventoryValue> {
  const parts = new Map<string, InventoryValue>();
  if (hosts.length > 0 && name !== 'all') parts.set('hosts', hosts);
  if (children.length > 0) parts.set('children', children);
  const variables = isExport ? shownOf(inventory.groupVarsOf(name)) : undefined;
  if (variables !== undefined && variables.size > 0) parts.set('vars', variables);
  return parts;
}

/** Variables without those that Ansible fills itself. */
export function shownOf(variables: Variables): Variables {
  return new Map([...variables].filter(([name]) => !INTERNAL_NAMES.has(name)));
}
