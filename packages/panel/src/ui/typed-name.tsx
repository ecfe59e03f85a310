import { TextInput } from '@patternfly/react-core';
import { FormField } from './form-field.tsx';

type Props = { readonly label: string; readonly name: string; readonly value: string; readonly onChange: (value: string) => void };

/** Asks for a word typed by hand before something that cannot be taken back. */
export function TypedName({ label, name, value, onChange }: Props) {
  return (
    <FormField id="confirmation" label={label} hint={<code>{name}</code>} isRequired>
      {(control) => <TextInput {...control} value={value} autoComplete="off" spellCheck={false} onChange={(_, text) => onChange(text)} />}
    </FormField>
  );
}
