import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { RequireSession } from './layout/require-session.tsx';
import { Loading } from './ui/loading.tsx';

const SignInPage = lazy(() => import('./sign-in/sign-in-page.tsx').then((module) => ({ default: module.SignInPage })));
const AppLayout = lazy(() => import('./layout/app-layout.tsx').then((module) => ({ default: module.AppLayout })));
const NodesPage = lazy(() => import('./nodes/nodes-page.tsx').then((module) => ({ default: module.NodesPage })));
const NodePage = lazy(() => import('./node/node-page.tsx').then((module) => ({ default: module.NodePage })));
const OperationsPage = lazy(() => import('./operations/operations-page.tsx').then((module) => ({ default: module.OperationsPage })));
const OperationPage = lazy(() => import('./operations/operation-page.tsx').then((module) => ({ default: module.OperationPage })));
const RunsPage = lazy(() => import('./runs/runs-page.tsx').then((module) => ({ default: module.RunsPage })));
const RunPage = lazy(() => import('./runs/run-page.tsx').then((module) => ({ default: module.RunPage })));
const EnvironmentsPage = lazy(() =>
  import('./environments/environments-page.tsx').then((module) => ({ default: module.EnvironmentsPage })),
);
const EnvironmentPage = lazy(() => import('./environments/environment-page.tsx').then((module) => ({ default: module.EnvironmentPage })));
const FiguresPage = lazy(() => import('./figures/figures-page.tsx').then((module) => ({ default: module.FiguresPage })));
const EventsPage = lazy(() => import('./events/events-page.tsx').then((module) => ({ default: module.EventsPage })));
const PoolPage = lazy(() => import('./pool/pool-page.tsx').then((module) => ({ default: module.PoolPage })));
const PeoplePage = lazy(() => import('./people/people-page.tsx').then((module) => ({ default: module.PeoplePage })));
const AuditPage = lazy(() => import('./audit/audit-page.tsx').then((module) => ({ default: module.AuditPage })));
const NotificationsPage = lazy(() =>
  import('./notifications/notifications-page.tsx').then((module) => ({ default: module.NotificationsPage })),
);
const AuthorityPage = lazy(() => import('./authority/authority-page.tsx').then((module) => ({ default: module.AuthorityPage })));
const StatusPage = lazy(() => import('./status/status-page.tsx').then((module) => ({ default: module.StatusPage })));
const AccountPage = lazy(() => import('./account/account-page.tsx').then((module) => ({ default: module.AccountPage })));
const NotFoundPage = lazy(() => import('./layout/not-found-page.tsx').then((module) => ({ default: module.NotFoundPage })));

/** The map of the panel: every address and the page it shows. Each page is loaded when it is first opened. */
export function PanelRoutes() {
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route path="/sign-in" element={<SignInPage />} />
        <Route element={<RequireSession />}>
          <Route element={<AppLayout />}>
            <Route path="/" element={<Navigate to="/nodes" replace />} />
            <Route path="/nodes" element={<NodesPage />} />
            <Route path="/nodes/:name" element={<NodePage />} />
            <Route path="/operations" element={<OperationsPage />} />
            <Route path="/operations/:id" element={<OperationPage />} />
            <Route path="/runs" element={<RunsPage />} />
            <Route path="/runs/:id" element={<RunPage />} />
            <Route path="/environments" element={<EnvironmentsPage />} />
            <Route path="/environments/:name" element={<EnvironmentPage />} />
            <Route path="/figures" element={<FiguresPage />} />
            <Route path="/events" element={<EventsPage />} />
            <Route path="/pool" element={<PoolPage />} />
            <Route path="/people" element={<PeoplePage />} />
            <Route path="/audit" element={<AuditPage />} />
            <Route path="/notifications" element={<NotificationsPage />} />
            <Route path="/authority" element={<AuthorityPage />} />
            <Route path="/status" element={<StatusPage />} />
            <Route path="/account" element={<AccountPage />} />
            <Route path="*" element={<NotFoundPage />} />
          </Route>
        </Route>
      </Routes>
    </Suspense>
  );
}
