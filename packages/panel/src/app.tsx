import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { BrowserRouter } from 'react-router';
import { createQueryClient } from './api/query-client.ts';
import { PanelRoutes } from './routes.tsx';
import { CrashBoundary } from './ui/crash-boundary.tsx';

/** The whole panel: cache, addresses, pages. */
export function App() {
  const [client] = useState(createQueryClient);
  return (
    <CrashBoundary>
      <QueryClientProvider client={client}>
        {/* Not in transitions: two filters chosen in quick succession must each see the address that the other left. */}
        <BrowserRouter useTransitions={false}>
          <PanelRoutes />
        </BrowserRouter>
      </QueryClientProvider>
    </CrashBoundary>
  );
}
