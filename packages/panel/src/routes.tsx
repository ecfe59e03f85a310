import { lazy, Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { RequireSession } from './layout/require-session.tsx';
import { Loading } from './ui/loading.tsx';

const SignInPage = lazy(() => import('./sign-in/sign-in-page.tsx').then((module) => ({ default: module.SignInPage })));
const AppLayout = lazy(() => import('./layout/app-layout.tsx').then((module) => ({ default: module.AppLayout })));
const NodesPage = lazy(() => import('./nodes/nodes-page.tsx').then((module) => ({ default: module.NodesPage })));
const NodePage = lazy(() => import('./node/node-page.tsx').then((module) => ({ default: module.NodePage })));
const EventsPage = lazy(() => import('./events/events-page.tsx').then((module) => ({ default: module.EventsPage })));
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
            <Route path="/events" element={<EventsPage />} />
            <Route path="*" element={<NotFoundPage />} />
          </Route>
        </Route>
      </Routes>
    </Suspense>
  );
}
