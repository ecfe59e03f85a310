import type { NodeView } from '@muster/api';
import {
  Button,
  Checkbox,
  Divider,
  MenuToggle,
  Dropdown,
  DropdownItem,
  DropdownList,
  TextInput,
  type MenuToggleElement,
} from '@patternfly/react-core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type Ref } from 'react';
import { api } from '../api/client.ts';
import { viewsQuery } from '../api/queries.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormField } from '../ui/form-field.tsx';
import type { ColumnId } from './columns.tsx';
import { nodeQueryOf, viewOfQuery, type ListView } from './list-view.ts';
import { inMain } from '../ui/menu-place.ts';

type Props = {
  readonly view: ListView;
  readonly columns: readonly ColumnId[];
  readonly onChoose: (view: ListView, columns: readonly string[] | null) => void;
};

/** Lists that somebody keeps by a name: order, filters, range and columns together. */
export function ViewsMenu({ view, columns, onChoose }: Props) {
  const { data } = useQuery(viewsQuery);
  const [isOpen, setIsOpen] = useState(false);
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null);
  const views = data?.items ?? [];
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
      Views
    </MenuToggle>
  );
  return (
    <>
      <Dropdown
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        onSelect={() => setIsOpen(false)}
        toggle={toggle}
        popperProps={inMain}
        isScrollable
      >
        <DropdownList aria-label="Saved views">
          {views.map((one) => (
            <DropdownItem
              key={one.id}
              description={one.own ? (one.shared ? 'Yours, shared' : undefined) : `Shared by ${one.owner}`}
              onClick={() => onChoose(viewOfQuery(one.query), one.query.columns)}
            >
              {one.name}
            </DropdownItem>
          ))}
          {views.length > 0 && <Divider />}
          <DropdownItem onClick={() => setDialog('save')}>Save this view…</DropdownItem>
          {views.length > 0 && <DropdownItem onClick={() => setDialog('manage')}>Remove a view…</DropdownItem>}
        </DropdownList>
      </Dropdown>
      {dialog === 'save' && <SaveViewDialog view={view} columns={columns} onClose={() => setDialog(null)} />}
      {dialog === 'manage' && <RemoveViewsDialog views={views} onClose={() => setDialog(null)} />}
    </>
  );
}

function SaveViewDialog({ view, columns, onClose }: Omit<Props, 'onChoose'> & { onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const { sort = 'name', filter = [], range = null } = nodeQueryOf(view);
  const save = useMutation({
    mutationFn: () =>
      api.addView({ body: { name: name.trim(), shared, query: { sort, filter: filter as string[], range, columns: [...columns] } } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: viewsQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title="Save this view"
      description="Its order, filters, range and columns."
      submitText="Save view"
      width="small"
      isPending={save.isPending}
      isDisabled={name.trim() === ''}
      error={save.error}
      errorTitle="Not saved"
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <FormField id="view-name" label="Name" isRequired>
        {({ validated, ...control }) => (
          <TextInput
            {...control}
            validated={validated}
            value={name}
            maxLength={63}
            autoComplete="off"
            onChange={(_, text) => setName(text)}
          />
        )}
      </FormField>
      <Checkbox id="view-shared" label="Everyone sees it" isChecked={shared} onChange={(_, isChecked) => setShared(isChecked)} />
    </FormDialog>
  );
}

function RemoveViewsDialog({ views, onClose }: { views: readonly NodeView[]; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => api.removeView({ params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: viewsQuery.queryKey }),
  });
  return (
    <FormDialog
      title="Remove a view"
      submitText="Done"
      width="small"
      isPending={false}
      error={remove.error}
      errorTitle="Not removed"
      onSubmit={onClose}
      onClose={onClose}
    >
      <ul className="mp-plain-list">
        {views.map((view) => (
          <li key={view.id} className="mp-between">
            <span className="mp-break">{view.name}</span>
            <Button
              variant="secondary"
              size="sm"
              isDanger
              aria-label={`Remove the view ${view.name}`}
              onClick={() => remove.mutate(view.id)}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
    </FormDialog>
  );
}
