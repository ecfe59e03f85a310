import type { Role, Session } from '@muster/api';
import { roleIncludes } from '@muster/core';
import { Nav, NavGroup, NavItem, PageSidebar, PageSidebarBody } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'react-router';
import { sessionQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';

type Item = { readonly to: string; readonly text: string; /** The least role that may look. */ readonly least?: Role };

const groups: readonly { readonly title: string; readonly items: readonly Item[] }[] = [
  {
    title: 'Cluster',
    items: [
      { to: paths.nodes, text: 'Nodes' },
      { to: paths.operations, text: 'Operations' },
      { to: paths.runs, text: 'Runs' },
      { to: paths.environments, text: 'Environments' },
      { to: paths.figures, text: 'Figures' },
      { to: paths.events, text: 'Events' },
    ],
  },
  {
    title: 'Installation',
    items: [
      { to: paths.pool, text: 'Pool' },
      { to: paths.people, text: 'People', least: 'administrator' },
      { to: paths.audit, text: 'Audit log', least: 'administrator' },
      { to: paths.notifications, text: 'Notifications', least: 'administrator' },
      { to: paths.authority, text: 'Authority' },
      { to: paths.status, text: 'Status' },
    ],
  },
];

/** Navigation between the areas of the panel; what somebody may not look at is not offered. */
export function AppSidebar() {
  const { pathname } = useLocation();
  const { data: session } = useQuery(sessionQuery);
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label="Areas">
          {groups.map(({ title, items }) => (
            <NavGroup key={title} title={title}>
              {items
                .filter((item) => mayLook(session, item))
                .map((item) => (
                  <Area key={item.to} item={item} pathname={pathname} />
                ))}
            </NavGroup>
          ))}
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}

const mayLook = (session: Session | null | undefined, { least }: Item): boolean =>
  least === undefined || (session !== undefined && session !== null && roleIncludes(session.role, least));

function Area({ item: { to, text }, pathname }: { item: Item; pathname: string }) {
  const isActive = pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavItem itemId={to} isActive={isActive}>
      <Link to={to} {...(isActive ? { 'aria-current': 'page' as const } : {})}>
        {text}
      </Link>
    </NavItem>
  );
}
