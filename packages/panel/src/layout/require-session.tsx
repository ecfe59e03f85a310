import { Page, PageSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Navigate, Outlet, useLocation } from 'react-router';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { signInPath } from '../sign-in/return-path.ts';
import { Loading } from '../ui/loading.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';

/** Lets through whoever is signed in, and leads everyone else to the sign-in page and back afterwards. */
export function RequireSession() {
  const { data, error, failureReason } = useQuery(sessionQuery);
  const location = useLocation();
  if (data === null) return <Navigate to={signInPath(paths.signIn, location.pathname + location.search)} replace />;
  if (data !== undefined) return <Outlet />;
  const problem = error ?? failureReason;
  if (problem === null) return <Loading />;
  return (
    <Page>
      <PageSection>
        <ProblemState error={problem} />
      </PageSection>
    </Page>
  );
}
