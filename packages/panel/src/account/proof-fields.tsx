import { TextInput } from '@patternfly/react-core';
import { FormField } from '../ui/form-field.tsx';

type Props = { readonly value: string; readonly onChange: (value: string) => void };

/** One's own password, as a proof that it is still the same person. */
export function OwnPasswordField({ value, onChange }: Props) {
  return (
    <FormField id="own-password" label="Your password" isRequired>
      {(control) => (
        <TextInput {...control} type="password" autoComplete="current-password" value={value} onChange={(_, text) => onChange(text)} />
      )}
    </FormField>
  );
}

/** A code of an authenticator, or a recovery code. */
export function CodeField({ value, onChange, hint }: Props & { readonly hint?: string }) {
  return (
    <FormField id="second-factor-code" label="Code" hint={hint ?? 'Six digits of your authenticator, or a recovery code.'} isRequired>
      {(control) => (
        <TextInput
          {...control}
          autoComplete="one-time-code"
          inputMode="text"
          spellCheck={false}
          maxLength={40}
          value={value}
          onChange={(_, text) => onChange(text)}
        />
      )}
    </FormField>
  );
}
