import type { NodeCreate } from '@muster/api';
import { TextArea, TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { liveKey } from '../../api/queries.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormField } from '../../ui/form-field.tsx';
import { NodeAdded } from './node-added.tsx';
import { faultsOfError, newNodeOf, noFields, type NewNodeFaults, type NewNodeFields } from './new-node.ts';

const texts: Readonly<Record<keyof NewNodeFields, { label: string; hint: string }>> = {
  name: { label: 'Hostname', hint: 'As the machine calls itself, in full: worker-001.cluster.example.org' },
  privateIp: { label: 'Private IP', hint: 'IPv4 or IPv6, by which the other machines reach it.' },
  publicIp: { label: 'Public IP', hint: 'Where it has one.' },
  groups: { label: 'Groups', hint: 'worker, gpu' },
  labels: { label: 'Labels', hint: 'rack=r12, example.org/purpose=training' },
};

/** Adds a node, then shows how its agent enrols. */
export function AddNodeDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [fields, setFields] = useState(noFields);
  const [isChecked, setIsChecked] = useState(false);
  const add = useMutation({
    mutationFn: async (body: NodeCreate) => {
      const node = await api.addNode({ body, query: {} });
      return { node, token: await api.makeJoinToken({ params: { node: node.id } }) };
    },
    onSettled: () => client.invalidateQueries({ queryKey: [liveKey] }),
  });
  const made = newNodeOf(fields);
  const own: NewNodeFaults = isChecked && 'faults' in made ? made.faults : {};
  const faults = { ...faultsOfError(add.error), ...own };
  const submit = () => {
    setIsChecked(true);
    if ('node' in made) add.mutate(made.node);
  };
  const change = (key: keyof NewNodeFields) => (value: string) => {
    setFields({ ...fields, [key]: value });
    if (add.isError) add.reset();
  };
  if (add.isSuccess) return <NodeAdded name={add.data.node.name} token={add.data.token} onClose={onClose} />;
  return (
    <FormDialog
      title="Add new node"
      description="For a machine that is set up already. It becomes part of the cluster once its agent has enrolled."
      submitText="Add node"
      isPending={add.isPending}
      error={Object.keys(faultsOfError(add.error)).length > 0 ? null : add.error}
      errorTitle="The node was not added"
      onSubmit={submit}
      onClose={onClose}
    >
      {(['name', 'privateIp', 'publicIp', 'groups'] as const).map((key) => (
        <FormField key={key} id={`new-node-${key}`} {...texts[key]} fault={faults[key]} isRequired={key === 'name' || key === 'privateIp'}>
          {(control) => (
            <TextInput {...control} value={fields[key]} autoComplete="off" spellCheck={false} onChange={(_, value) => change(key)(value)} />
          )}
        </FormField>
      ))}
      <FormField id="new-node-labels" {...texts.labels} fault={faults.labels}>
        {(control) => <TextArea {...control} value={fields.labels} rows={2} onChange={(_, value) => change('labels')(value)} />}
      </FormField>
    </FormDialog>
  );
}
