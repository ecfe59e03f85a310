import type { SignIn } from '@muster/api';
import { Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { useState, type SubmitEvent } from 'react';

type Props = { readonly isPending: boolean; readonly onSubmit: (body: SignIn) => void };

/** E-mail and password. */
export function SignInForm({ isPending, onSubmit }: Props) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit({ email: email.trim(), password });
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
      <Button type="submit" variant="primary" isBlock isLoading={isPending} isDisabled={isPending}>
        Sign in
      </Button>
    </Form>
  );
}
