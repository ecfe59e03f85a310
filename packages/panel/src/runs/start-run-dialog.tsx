import type { InventoryHosts, SavedInventory } from '@muster/api';
import { Checkbox, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { describeError } from '../api/describe-error.ts';
import { liveKey } from '../api/queries.ts';
import { inventoriesQuery, inventoryHostsQuery } from '../api/run-queries.ts';
import { paths } from '../paths.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import { ChosenHosts } from './chosen-hosts.tsx';
import { PhaseChoice } from './phase-choice.tsx';

/** Asks what the server is to run, and says before on which hosts that would be. A dry run unless somebody says otherwise. */
export function StartRunDialog({ onClose }: { onClose: () => void }) {
  const [inventory, setInventory] = useState('');
  const [limit, setLimit] = useState('');
  const [only, setOnly] = useState<readonly string[]>([]);
  const [isDry, setIsDry] = useState(true);
  const { data: inventories } = useQuery(inventoriesQuery);
  const asked = useDeferredValue(limit.trim());
  const { data: found, error: fault, isPlaceholderData } = useQuery(inventoryHostsQuery(inventory, asked));
  const start = useStart({ inventory, limit: limit.trim(), only, isDry });
  const hosts = inventory === '' || fault !== null ? undefined : found;
  return (
    <FormDialog
      title="Start a run"
      description="The server runs “muster apply” by itself, with its own key, on hosts where muster_control=full lets it act as root."
      submitText={isDry ? 'Start dry run' : 'Start run'}
      isDisabled={!mayStart(hosts) || isPlaceholderData || asked !== limit.trim()}
      isPending={start.isPending}
      error={start.error}
      errorTitle="It was not started"
      onSubmit={() => start.mutate()}
      onClose={onClose}
    >
      <FormField
        id="run-inventory"
        label="Inventory"
        hint={<InventoryHint inventory={inventories?.items.find(({ name }) => name === inventory)} />}
        isRequired
      >
        {(control) => (
          <FormSelect {...control} value={inventory} onChange={(_, name) => setInventory(name)}>
            <FormSelectOption value="" label="Choose one" isPlaceholder />
            {(inventories?.items ?? []).map(({ name, version, hosts: count }) => (
              <FormSelectOption
                key={name}
                value={name}
                label={`${name}${version === null ? '' : ` (version ${version})`}, ${hostsText(count)}`}
              />
            ))}
          </FormSelect>
        )}
      </FormField>
      <FormField
        id="run-limit"
        label="Hosts"
        hint="A range of the inventory, such as rack[3-4],-web7. Empty: all."
        fault={inventory === '' || fault === null ? undefined : describeError(fault).detail}
      >
        {({ validated, ...control }) => (
          <TextInput
            {...control}
            validated={validated}
            value={limit}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, text) => setLimit(text)}
          />
        )}
      </FormField>
      <ChosenHosts hosts={hosts} />
      {hosts !== undefined && <PhaseChoice phases={hosts.phases} only={only} onOnly={setOnly} />}
      <Checkbox
        id="run-dry"
        label="Dry run"
        description="Says what would change, and changes nothing."
        isChecked={isDry}
        onChange={(_, checked) => setIsDry(checked)}
      />
    </FormDialog>
  );
}

const hostsText = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);

const mayStart = (hosts: InventoryHosts | undefined): boolean =>
  hosts !== undefined && hosts.hosts.length > 0 && hosts.unreachable.length === 0;

function InventoryHint({ inventory }: { inventory: SavedInventory | undefined }) {
  if (inventory === undefined) return 'Save one with: muster inventory save NAME -i FILE.';
  if (inventory.version === null)
    return 'The registered nodes with their groups, and without variables of an inventory: what those asked for would be taken back.';
  return `Saved by ${inventory.savedBy ?? 'nobody'}.`;
}

type Wanted = { readonly inventory: string; readonly limit: string; readonly only: readonly string[]; readonly isDry: boolean };

/** Starts it, and goes to its page. */
function useStart({ inventory, limit, only, isDry }: Wanted) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => api.startRun({ body: { inventory, dryRun: isDry, only: [...only], ...(limit === '' ? {} : { limit }) } }),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: [liveKey] });
      await navigate(paths.run(id));
    },
  });
}
