import type { Member, PoolStatus, Session } from '@muster/api';
import { Dropdown, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useState, type Ref } from 'react';
import { inMain } from '../ui/menu-place.ts';
import { DrainDialog, RemoveMemberDialog, UndrainDialog } from './member-dialogs.tsx';
import { type MemberAction, memberRefusal } from './pool-words.ts';
import { PromoteDialog } from './promote-dialog.tsx';

const texts: Readonly<Record<MemberAction, string>> = {
  drain: 'Drain…',
  undrain: 'Undrain…',
  promote: 'Make it the primary…',
  remove: 'Remove…',
};

const dialogs = { drain: DrainDialog, undrain: UndrainDialog, promote: PromoteDialog, remove: RemoveMemberDialog };

type Props = { readonly member: Member; readonly status: PoolStatus; readonly session: Session };

/** What can be done with a server; what cannot says why. */
export function MemberMenu({ member, status, session }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState<MemberAction | null>(null);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant="plain"
      icon={<EllipsisVIcon />}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label={`Actions on ${member.name}`}
    />
  );
  const item = (action: MemberAction) => {
    const refusal = memberRefusal(action, member, { status, session });
    return (
      <DropdownItem
        key={action}
        isDanger={action === 'remove'}
        onClick={() => setChosen(action)}
        {...(refusal === undefined ? {} : { isAriaDisabled: true, description: refusal })}
      >
        {texts[action]}
      </DropdownItem>
    );
  };
  const Dialog = chosen === null ? null : dialogs[chosen];
  return (
    <>
      <Dropdown
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        onSelect={() => setIsOpen(false)}
        toggle={toggle}
        popperProps={{ position: 'right', ...inMain }}
      >
        <DropdownList>{(['promote', member.state === 'draining' ? 'undrain' : 'drain', 'remove'] as const).map(item)}</DropdownList>
      </Dropdown>
      {Dialog !== null && <Dialog member={member} onClose={() => setChosen(null)} />}
    </>
  );
}
