import { Page, SkipToContent } from '@patternfly/react-core';
import { Suspense, useEffect, useRef } from 'react';
import { Outlet, useLocation } from 'react-router';
import { BrakeBanner } from '../live/brake-banner.tsx';
import { ConnectionBanner } from '../live/connection-banner.tsx';
import { LiveProvider } from '../live/live-provider.tsx';
import { ToastProvider } from '../toasts/toasts.tsx';
import { CrashBoundary } from '../ui/crash-boundary.tsx';
import { Loading } from '../ui/loading.tsx';
import { AppMasthead } from './app-masthead.tsx';
import { AppSidebar } from './app-sidebar.tsx';
import { mainId } from './main-id.ts';

/** Frame of every page of someone signed in: head, navigation, the banner of a lost server, the page. */
export function AppLayout() {
  const { pathname } = useLocation();
  const shownPath = useRef(pathname);

  useEffect(() => {
    if (shownPath.current === pathname) return;
    shownPath.current = pathname;
    // A new page begins at its top, and a screen reader with it.
    const main = document.getElementById(mainId);
    main?.focus({ preventScroll: true });
    main?.scrollTo(0, 0);
  }, [pathname]);

  return (
    <LiveProvider>
      <ToastProvider>
        <Page
          masthead={<AppMasthead />}
          sidebar={<AppSidebar />}
          isManagedSidebar
          skipToContent={<SkipToContent href={`#${mainId}`}>Skip to content</SkipToContent>}
          mainContainerId={mainId}
          mainTabIndex={-1}
          isContentFilled
          className="mp-page"
        >
          <ConnectionBanner />
          <BrakeBanner />
          <CrashBoundary key={pathname}>
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </CrashBoundary>
        </Page>
      </ToastProvider>
    </LiveProvider>
  );
}
