import { FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { ReactNode } from 'react';

/** What a control needs to belong to its label, its hint and its fault. */
export type ControlProps = {
  readonly id: string;
  readonly isRequired: boolean;
  readonly validated: 'default' | 'error';
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid': boolean;
};

type Props = {
  readonly id: string;
  readonly label: string;
  readonly hint?: ReactNode;
  readonly fault?: string | undefined;
  readonly isRequired?: boolean;
  readonly children: (control: ControlProps) => ReactNode;
};

/** A control with its label, its hint, and in place of the hint what is wrong with it. */
export function FormField({ id, label, hint, fault, isRequired = false, children }: Props) {
  const help = fault ?? hint;
  const helpId = `${id}-help`;
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      {children({
        id,
        isRequired,
        validated: fault === undefined ? 'default' : 'error',
        'aria-invalid': fault !== undefined,
        ...(help === undefined ? {} : { 'aria-describedby': helpId }),
      })}
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
