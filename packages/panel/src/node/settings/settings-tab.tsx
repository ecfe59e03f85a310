import type { Node, NodeReplace, Session } from '@muster/api';
import { Button, Card, CardBody, CardTitle, Form, TextArea, TextInput } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { liveKey } from '../../api/queries.ts';
import { faultsOfError } from '../../nodes/add/new-node.ts';
import { whyNot } from '../../nodes/actions/why-not.ts';
import { paths } from '../../paths.ts';
import { useToast } from '../../toasts/toasts.tsx';
import { FormField } from '../../ui/form-field.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { sourceTexts } from '../../ui/source-texts.ts';
import { fieldsOf, isChanged, replacementOf, type NodeFields } from './node-form.ts';
import { SshCard } from './ssh-card.tsx';
import { Notice } from '../../ui/notice.tsx';

/** What people decide about a node, and how the server reaches it over SSH. */
export function SettingsTab({ node, session }: { node: Node; session: Session }) {
  return (
    <div className="mp-node__cards">
      <DecidedCard node={node} session={session} />
      <SshCard node={node} session={session} />
    </div>
  );
}

function useSave(node: Node) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  return useMutation({
    mutationFn: (body: NodeReplace) => api.replaceNode({ params: { node: node.id }, query: {}, body }),
    onSuccess: async (saved) => {
      toast({ title: `${saved.name} is saved` });
      await client.invalidateQueries({ queryKey: [liveKey] });
      if (saved.name !== node.name) await navigate(`${paths.node(saved.name)}?tab=settings`, { replace: true });
    },
  });
}

function DecidedCard({ node, session }: { node: Node; session: Session }) {
  // What is filled in belongs to the node as it was then: a change by somebody else meanwhile is refused by its revision, and shown.
  const [shown, setShown] = useState(node);
  const [fields, setFields] = useState(() => fieldsOf(node));
  const save = useSave(shown);
  const isDirty = isChanged(fields, shown);
  if (node.revision !== shown.revision && !isDirty) {
    setShown(node);
    setFields(fieldsOf(node));
  }
  const made = replacementOf(fields, shown);
  const faults = { ...faultsOfError(save.error), ...('faults' in made ? made.faults : {}) };
  const refusal = whyNot(session, 'change', [node]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if ('body' in made) save.mutate(made.body, { onSuccess: (saved) => reset(saved) });
  };
  const reset = (to: Node) => {
    setShown(to);
    setFields(fieldsOf(to));
    save.reset();
  };
  const text = (key: keyof NodeFields, label: string, hint?: string) => (
    <FormField id={`node-${key}`} label={label} fault={faults[key as keyof typeof faults]} {...(hint === undefined ? {} : { hint })}>
      {(control) => (
        <TextInput
          {...control}
          value={fields[key]}
          isDisabled={refusal !== undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, value) => setFields({ ...fields, [key]: value })}
        />
      )}
    </FormField>
  );
  const area = (key: keyof NodeFields, label: string, rows: number, hint?: string) => (
    <FormField id={`node-${key}`} label={label} fault={faults[key as keyof typeof faults]} {...(hint === undefined ? {} : { hint })}>
      {(control) => (
        <TextArea
          {...control}
          value={fields[key]}
          rows={rows}
          isDisabled={refusal !== undefined}
          onChange={(_, value) => setFields({ ...fields, [key]: value })}
        />
      )}
    </FormField>
  );
  return (
    <Card component="section" aria-labelledby="node-decided">
      <CardTitle component="h2" id="node-decided">
        Settings
      </CardTitle>
      <CardBody>
        <Form onSubmit={submit} noValidate>
          {refusal !== undefined && <Notice variant="info" isInline isPlain title={refusal} />}
          {node.revision !== shown.revision && isDirty && (
            <Notice variant="warning" isInline title="Somebody changed this node meanwhile">
              Take your changes back to see theirs.
            </Notice>
          )}
          {save.isError && Object.keys(faultsOfError(save.error)).length === 0 && <ProblemAlert error={save.error} title="Not saved" />}
          {text('name', 'Hostname', `Now ${sourceTexts[node.sources.name]}.`)}
          {text('privateIp', 'Private IP', sourceHint(node.sources.privateIp))}
          {text('publicIp', 'Public IP', sourceHint(node.sources.publicIp))}
          {text('groups', 'Groups', 'worker, gpu')}
          {area('labels', 'Labels', 3, 'One key=value a line.')}
          {area('notes', 'Notes', 4)}
          <SaveButtons
            isDirty={isDirty}
            isPending={save.isPending}
            isRefused={refusal !== undefined || 'faults' in made}
            onReset={() => reset(node)}
          />
        </Form>
      </CardBody>
    </Card>
  );
}

type SaveButtonsProps = {
  readonly isDirty: boolean;
  readonly isPending: boolean;
  readonly isRefused: boolean;
  readonly onReset: () => void;
};

function SaveButtons({ isDirty, isPending, isRefused, onReset }: SaveButtonsProps) {
  return (
    <div className="mp-buttons">
      <Button type="submit" variant="primary" isLoading={isPending} isDisabled={!isDirty || isPending || isRefused}>
        Save
      </Button>
      <Button variant="link" isDisabled={!isDirty} onClick={onReset}>
        Take changes back
      </Button>
    </div>
  );
}

const sourceHint = (source: Node['sources']['privateIp']): string => (source === null ? 'Not set.' : `Now ${sourceTexts[source]}.`);
