import type { Member } from '@muster/api';
import { FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { rangeFault, rangeFaultOf } from '../nodes/range-fault.ts';
import { useToast } from '../toasts/toasts.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';

type Props = { readonly members: readonly Member[]; readonly onClose: () => void };

/** Asks which nodes are to be on which server. All of them, or none: what cannot be moved is said before anything is. */
export function MoveNodesDialog({ members, onClose }: Props) {
  const client = useQueryClient();
  const toast = useToast();
  const [range, setRange] = useState('');
  const [to, setTo] = useState('');
  const [from, setFrom] = useState('');
  const target = members.find(({ id }) => id === to);
  const move = useMutation({
    mutationFn: () =>
      api.moveNodes({ body: { range: range.trim(), to: target?.id ?? null, ...(from === '' || target === undefined ? {} : { from }) } }),
    onSuccess: ({ range: moved }) => {
      void client.invalidateQueries({ queryKey: [liveKey] });
      toast({ title: `${moved}: to ${target?.name ?? 'where the pool puts them'}` });
      onClose();
    },
  });
  const fault = (rangeFault(range) ?? rangeFaultOf(move.error))?.message;
  const server = members.map(({ id, name }) => <FormSelectOption key={id} value={id} label={name} />);
  return (
    <FormDialog
      title="Move nodes"
      description="Live nodes go over without missing a heartbeat, and stay there until they are moved again."
      submitText="Move nodes"
      isDisabled={range.trim() === '' || rangeFault(range) !== undefined || to === ''}
      isPending={move.isPending}
      error={rangeFaultOf(move.error) === undefined ? move.error : null}
      errorTitle="No node was moved"
      onSubmit={() => move.mutate()}
      onClose={onClose}
    >
      <FormField id="move-range" label="Nodes" hint="A range, such as rack1 or worker[001-020]" fault={fault} isRequired>
        {({ validated, ...control }) => (
          <TextInput
            {...control}
            validated={validated}
            value={range}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, text) => {
              setRange(text);
              move.reset();
            }}
          />
        )}
      </FormField>
      <FormField id="move-to" label="To server" isRequired>
        {(control) => (
          <FormSelect {...control} value={to} onChange={(_, value) => setTo(value)}>
            <FormSelectOption value="" label="Choose one" isPlaceholder />
            {server}
            <FormSelectOption value="back" label="Where the pool puts them" />
          </FormSelect>
        )}
      </FormField>
      <FormField id="move-from" label="From server" hint="Nodes of another server are then an error.">
        {(control) => (
          <FormSelect {...control} value={from} onChange={(_, value) => setFrom(value)}>
            <FormSelectOption value="" label="Any server" />
            {server}
          </FormSelect>
        )}
      </FormField>
    </FormDialog>
  );
}
