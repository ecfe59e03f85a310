import type { SignIn } from '@muster/api';
import { Card, CardBody, Spinner, Title } from '@patternfly/react-core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { Brand } from '../ui/brand.tsx';
import { useDocumentTitle } from '../ui/document-title.ts';
import { tokenInFragment } from './one-time-token.ts';
import { returnPath } from './return-path.ts';
import { SignInForm } from './sign-in-form.tsx';
import { SignInProblem } from './sign-in-problem.tsx';

/** Signs in with e-mail and password, or at once with the token of a one-time link. */
export function SignInPage() {
  useDocumentTitle('Sign in');
  const client = useQueryClient();
  const navigate = useNavigate();
  const location = useLocation();
  const takenToken = useRef<string | null>(null);

  const signIn = useMutation({
    mutationFn: (body: SignIn) => api.signIn({ body }),
    onSuccess: (session) => {
      client.removeQueries();
      client.setQueryData(sessionQuery.queryKey, session);
      void navigate(returnPath(location.search, paths.nodes), { replace: true });
    },
  });
  const { mutate } = signIn;

  const token = tokenInFragment(location.hash);
  useEffect(() => {
    if (token === null || takenToken.current === token) return;
    takenToken.current = token;
    // Out of the address bar and the history before anything else: a token is good for one use, and that use is now.
    void navigate({ pathname: location.pathname, search: location.search }, { replace: true });
    mutate({ token });
  }, [token, mutate, navigate, location.pathname, location.search]);

  const byLink = signIn.variables !== undefined && 'token' in signIn.variables;
  return (
    <main className="mp-sign-in">
      <Card className="mp-sign-in__card" isLarge>
        <CardBody>
          <div className="mp-sign-in__brand">
            <Brand />
          </div>
          <Title headingLevel="h1" size="xl" className="mp-sign-in__title">
            Sign in
          </Title>
          {signIn.isError && (
            <div className="mp-sign-in__problem">
              <SignInProblem error={signIn.error} byLink={byLink} />
            </div>
          )}
          {signIn.isPending && byLink ? (
            <p role="status">
              <Spinner size="md" aria-hidden="true" /> Signing in with the one-time link…
            </p>
          ) : (
            <SignInForm isPending={signIn.isPending} onSubmit={mutate} />
          )}
          <p className="mp-sign-in__hint mp-quiet">
            No password yet? Run <code>muster sign-in-link</code> on the server for a one-time link.
          </p>
        </CardBody>
      </Card>
    </main>
  );
}
