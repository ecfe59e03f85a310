import { Button, Form, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState, type SubmitEvent } from 'react';
import { FormField } from '../ui/form-field.tsx';
import type { AuditSearch } from './audit-search.ts';

type Props = { readonly search: AuditSearch; readonly onSearch: (search: AuditSearch) => void };

const nothing: AuditSearch = { who: '', what: '', node: '', result: '', from: '', to: '' };
const fields = [
  { key: 'who', label: 'Who or from where' },
  { key: 'what', label: 'What' },
  { key: 'node', label: 'Node' },
] as const;

/** What to search the log for. */
export function AuditForm({ search, onSearch }: Props) {
  const [typed, setTyped] = useState(search);
  const [seen, setSeen] = useState(search);
  if (seen !== search) {
    setSeen(search);
    setTyped(search);
  }
  const set = (change: Partial<AuditSearch>) => setTyped({ ...typed, ...change });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSearch(typed);
  };
  return (
    <Form onSubmit={submit} className="mp-search-form" role="search" aria-label="Search the log">
      {fields.map(({ key, label }) => (
        <FormField key={key} id={`audit-${key}`} label={label}>
          {(control) => <TextInput {...control} value={typed[key]} autoComplete="off" onChange={(_, value) => set({ [key]: value })} />}
        </FormField>
      ))}
      <FormField id="audit-result" label="Result">
        {(control) => (
          <FormSelect {...control} value={typed.result} onChange={(_, result) => set({ result })}>
            <FormSelectOption value="" label="Any" />
            <FormSelectOption value="done" label="Done" />
            <FormSelectOption value="refused" label="Refused" />
            <FormSelectOption value="failed" label="Failed" />
            <FormSelectOption value="unknown" label="Not known" />
          </FormSelect>
        )}
      </FormField>
      <FormField id="audit-from" label="From">
        {(control) => <TextInput {...control} type="date" value={typed.from} onChange={(_, from) => set({ from })} />}
      </FormField>
      <FormField id="audit-to" label="To">
        {(control) => <TextInput {...control} type="date" value={typed.to} onChange={(_, to) => set({ to })} />}
      </FormField>
      <div className="mp-buttons mp-search-form__buttons">
        <Button type="submit" variant="primary">
          Search
        </Button>
        <Button variant="link" onClick={() => onSearch(nothing)}>
          Clear
        </Button>
      </div>
    </Form>
  );
}
