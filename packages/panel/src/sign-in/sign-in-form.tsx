import type { SignIn } from '@muster/api';
import { Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';

type Props = {
  readonly isPending: boolean;
  /** Whether e-mail and password were right, and a code is asked for besides. */
  readonly needsCode: boolean;
  readonly onSubmit: (body: SignIn) => void;
};

/** E-mail and password, and the second factor where the account has one. */
export function SignInForm({ isPending, needsCode, onSubmit }: Props) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const codeField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (needsCode) codeField.current?.focus();
  }, [needsCode]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit({ email: email.trim(), password, ...(needsCode && code.trim() !== '' ? { code: code.trim() } : {}) });
  };
  return (
    <Form onSubmit={submit}>
      <FormGroup label="E-mail" fieldId="email" isRequired>
        <TextInput
          id="email"
          type="email"
          name="email"
          autoComplete="username"
          isRequired
          value={email}
          onChange={(_, value) => setEmail(value)}
        />
      </FormGroup>
      <FormGroup label="Password" fieldId="password" isRequired>
        <TextInput
          id="password"
          type="password"
          name="password"
          autoComplete="current-password"
          isRequired
          maxLength={200}
          value={password}
          onChange={(_, value) => setPassword(value)}
        />
      </FormGroup>
      {needsCode && (
        <FormGroup label="Code of your authenticator, or a recovery code" fieldId="code" isRequired>
          <TextInput
            ref={codeField}
            id="code"
            name="code"
            autoComplete="one-time-code"
            isRequired
            maxLength={40}
            value={code}
            onChange={(_, value) => setCode(value)}
          />
        </FormGroup>
      )}
      <Button type="submit" variant="primary" isBlock isLoading={isPending} isDisabled={isPending}>
        Sign in
      </Button>
    </Form>
  );
}
