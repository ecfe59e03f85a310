import { FormSelect, FormSelectOption, Radio, TextArea, TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { artifactsQuery } from '../api/environment-queries.ts';
import { formatBytes } from '../ui/format.ts';
import { FormField } from '../ui/form-field.tsx';
import type { EnvironmentFaults, EnvironmentFields } from './environment-form.ts';

type Props = {
  readonly fields: EnvironmentFields;
  readonly faults: EnvironmentFaults;
  readonly onFields: (fields: EnvironmentFields) => void;
  /** A version of another kind is another environment. */
  readonly isKindFixed?: boolean;
};

const kinds = [
  { kind: 'venv', text: 'Python packages (venv)' },
  { kind: 'conda', text: 'Conda' },
  { kind: 'archive', text: 'Archive' },
] as const;

/** What an environment is made of. */
export function DefinitionFields({ fields, faults, onFields, isKindFixed = false }: Props) {
  const set = (change: Partial<EnvironmentFields>) => onFields({ ...fields, ...change });
  return (
    <>
      {!isKindFixed && (
        <fieldset className="mp-radios">
          <legend>Kind</legend>
          {kinds.map(({ kind, text }) => (
            <Radio
              key={kind}
              id={`environment-${kind}`}
              name="environment-kind"
              label={text}
              isChecked={fields.kind === kind}
              onChange={() => set({ kind })}
            />
          ))}
        </fieldset>
      )}
      {fields.kind === 'venv' && <VenvFields fields={fields} faults={faults} set={set} />}
      {fields.kind === 'conda' && (
        <FormField id="environment-yml" label="environment.yml" fault={faults.environmentYml} isRequired>
          {(control) => (
            <TextArea
              {...control}
              className="mp-mono"
              rows={10}
              spellCheck={false}
              value={fields.environmentYml}
              onChange={(_, environmentYml) => set({ environmentYml })}
            />
          )}
        </FormField>
      )}
      {fields.kind === 'archive' && <ArchiveField value={fields.sha256} fault={faults.sha256} set={set} />}
    </>
  );
}

type PartProps = Pick<Props, 'fields' | 'faults'> & { readonly set: (change: Partial<EnvironmentFields>) => void };

function VenvFields({ fields, faults, set }: PartProps) {
  return (
    <>
      <FormField
        id="environment-requirements"
        label="requirements.txt"
        hint="Each line pinned with == and with its --hash=sha256:…; wheels come from the artifact store."
        fault={faults.requirements}
        isRequired
      >
        {(control) => (
          <TextArea
            {...control}
            className="mp-mono"
            rows={8}
            spellCheck={false}
            value={fields.requirements}
            onChange={(_, requirements) => set({ requirements })}
          />
        )}
      </FormField>
      <FormField id="environment-python" label="Interpreter" hint="On the node: python3, or a whole path." fault={faults.python}>
        {(control) => <TextInput {...control} value={fields.python} spellCheck={false} onChange={(_, python) => set({ python })} />}
      </FormField>
    </>
  );
}

function ArchiveField({ value, fault, set }: { value: string; fault: string | undefined; set: PartProps['set'] }) {
  const { data } = useQuery(artifactsQuery);
  const items = data?.items ?? [];
  return (
    <FormField
      id="environment-archive"
      label="Archive"
      hint="A file of the artifact store. muster artifact push FILE puts one there."
      fault={fault}
      isRequired
    >
      {(control) => (
        <FormSelect {...control} value={value} onChange={(_, sha256) => set({ sha256 })}>
          <FormSelectOption value="" label={items.length === 0 ? 'The artifact store is empty' : 'Choose a file'} isPlaceholder />
          {items.map(({ sha256, name, sizeBytes }) => (
            <FormSelectOption key={sha256} value={sha256} label={`${name} (${formatBytes(sizeBytes)}, ${sha256.slice(0, 12)})`} />
          ))}
        </FormSelect>
      )}
    </FormField>
  );
}
