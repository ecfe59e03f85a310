import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';

type Props = {
  readonly id: string;
  readonly label: string;
  readonly autoComplete: 'current-password' | 'new-password';
  readonly value: string;
  readonly hint?: string;
  readonly fault: string | undefined;
  readonly onChange: (value: string) => void;
};

/** One password field with its label, its hint, and what is wrong with it. */
export function PasswordField({ id, label, autoComplete, value, hint, fault, onChange }: Props) {
  const help = fault ?? hint;
  const helpId = `${id}-help`;
  return (
    <FormGroup label={label} fieldId={id} isRequired>
      <TextInput
        id={id}
        type="password"
        autoComplete={autoComplete}
        isRequired
        maxLength={200}
        value={value}
        onChange={(_, text) => onChange(text)}
        validated={fault === undefined ? 'default' : 'error'}
        {...(help === undefined ? {} : { 'aria-describedby': helpId })}
      />
      {help !== undefined && (
        <FormHelperText>
          <HelperText id={helpId} aria-live="polite">
            <HelperTextItem variant={fault === undefined ? 'default' : 'error'}>{help}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}
