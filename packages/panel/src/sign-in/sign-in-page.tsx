import { callUrl, ProblemError, routes, type SignIn } from '@muster/api';
import { Card, CardBody, Spinner, Title } from '@patternfly/react-core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { api } from '../api/client.ts';
import { signInMethodsQuery } from '../api/people-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { Brand } from '../ui/brand.tsx';
import { useDocumentTitle } from '../ui/document-title.ts';
import { oidcProblemText } from './oidc-problem-text.ts';
import { tokenInFragment } from './one-time-token.ts';
import { returnPath } from './return-path.ts';
import { SignInForm } from './sign-in-form.tsx';
import { SignInProblem } from './sign-in-problem.tsx';
import { Notice } from '../ui/notice.tsx';

const asksForCode = (error: unknown): boolean => error instanceof ProblemError && error.problem.code === 'second-factor-needed';

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

  // Once asked for, the field stays: a wrong code is no wrong password.
  const [needsCode, setNeedsCode] = useState(false);
  if (asksForCode(signIn.error) && !needsCode) setNeedsCode(true);
  const providerProblem = oidcProblemText(location.hash);
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
          {providerProblem !== null && !signIn.isError && (
            <Notice variant="danger" isInline title="Signing in did not work" role="alert" className="mp-sign-in__problem">
              {providerProblem}
            </Notice>
          )}
          {signIn.isError && !asksForCode(signIn.error) && (
            <div className="mp-sign-in__problem">
              <SignInProblem error={signIn.error} byLink={byLink} />
            </div>
          )}
          {signIn.isPending && byLink ? (
            <p role="status">
              <Spinner size="md" aria-hidden="true" /> Signing in with the one-time link…
            </p>
          ) : (
            <SignInForm isPending={signIn.isPending} needsCode={needsCode} onSubmit={mutate} />
          )}
          <ProviderLink returnTo={returnPath(location.search, paths.nodes)} />
          <p className="mp-sign-in__hint mp-quiet">
            No password yet? Run <code>muster sign-in-link</code> on the server for a one-time link.
          </p>
        </CardBody>
      </Card>
    </main>
  );
}

/** The way in by the identity provider, where there is one. */
function ProviderLink({ returnTo }: { returnTo: string }) {
  const { data: methods } = useQuery(signInMethodsQuery);
  if (methods?.oidc === undefined || methods.oidc === null) return null;
  return (
    <a className="pf-v6-c-button pf-m-secondary pf-m-block mp-sign-in__other" href={callUrl(routes.startOidc, { query: { returnTo } })}>
      Sign in with {methods.oidc.name}
    </a>
  );
}
