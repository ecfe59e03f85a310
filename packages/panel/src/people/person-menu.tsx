import type { Person, Session } from '@muster/api';
import { Dropdown, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useState, type Ref } from 'react';
import { ChangePersonDialog, DisableDialog, EnableDialog, LinkDialog, RemovePersonDialog, ResetDialog } from './person-dialogs.tsx';
import { inMain } from '../ui/menu-place.ts';

const fromProvider = 'Role and groups come from the identity provider.';

/** What can be done with an account. */
export function PersonMenu({ person, session }: { person: Person; session: Session }) {
  const [isOpen, setIsOpen] = useState(false);
  const [dialog, setDialog] = useState<keyof typeof dialogs | null>(null);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant="plain"
      icon={<EllipsisVIcon />}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label={`Actions on ${person.name}`}
    />
  );
  const isLocal = person.provider === null;
  const Dialog = dialog === null ? null : dialogs[dialog];
  return (
    <>
      <Dropdown
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        onSelect={() => setIsOpen(false)}
        toggle={toggle}
        popperProps={{ position: 'right', ...inMain }}
      >
        <DropdownList>
          <DropdownItem
            onClick={() => setDialog('change')}
            {...(person.grantFromProvider ? { isAriaDisabled: true, description: fromProvider } : {})}
          >
            Change role…
          </DropdownItem>
          {isLocal && <DropdownItem onClick={() => setDialog('link')}>New link…</DropdownItem>}
          {isLocal && <DropdownItem onClick={() => setDialog('reset')}>Reset password and second factor…</DropdownItem>}
          {person.state === 'disabled' ? (
            <DropdownItem onClick={() => setDialog('enable')}>Enable…</DropdownItem>
          ) : (
            <DropdownItem onClick={() => setDialog('disable')}>Disable…</DropdownItem>
          )}
          <DropdownItem isDanger onClick={() => setDialog('remove')}>
            Remove…
          </DropdownItem>
        </DropdownList>
      </Dropdown>
      {Dialog !== null && <Dialog person={person} session={session} onClose={() => setDialog(null)} />}
    </>
  );
}

const dialogs = {
  change: ChangePersonDialog,
  link: LinkDialog,
  reset: ResetDialog,
  enable: EnableDialog,
  disable: DisableDialog,
  remove: RemovePersonDialog,
};
