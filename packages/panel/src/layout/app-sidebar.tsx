import { Nav, NavItem, NavList, PageSidebar, PageSidebarBody } from '@patternfly/react-core';
import { Link, useLocation } from 'react-router';
import ListIcon from '@patternfly/react-icons/dist/esm/icons/list-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { paths } from '../paths.ts';

const items = [
  { to: paths.nodes, text: 'Nodes', icon: ServerIcon },
  { to: paths.events, text: 'Events', icon: ListIcon },
];

/** Navigation between the areas of the panel. */
export function AppSidebar() {
  const { pathname } = useLocation();
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label="Areas">
          <NavList>
            {items.map(({ to, text, icon: Icon }) => {
              const isActive = pathname === to || pathname.startsWith(`${to}/`);
              return (
                <NavItem key={to} itemId={to} isActive={isActive}>
                  <Link to={to} {...(isActive ? { 'aria-current': 'page' as const } : {})}>
                    <span className="pf-v6-c-nav__link-icon">
                      <Icon />
                    </span>
                    <span className="pf-v6-c-nav__link-text">{text}</span>
                  </Link>
                </NavItem>
              );
            })}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
