import { Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import { useState, type Ref } from 'react';
import type { BulkAction } from './bulk-actions.ts';
import { inMain } from '../../ui/menu-place.ts';

/** An action and why it cannot be asked for; undefined where it can. */
export type OfferedAction = { readonly action: BulkAction; readonly refusal: string | undefined };

type Props = {
  readonly text: string;
  readonly offered: readonly OfferedAction[];
  readonly isPrimary?: boolean;
  readonly onChoose: (action: BulkAction) => void;
};

/** Actions in a menu. One that cannot be asked for stays there, with the reason below it. */
export function ActionsMenu({ text, offered, isPrimary = false, onChoose }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle ref={ref} isExpanded={isOpen} size="sm" variant={isPrimary ? 'primary' : 'default'} onClick={() => setIsOpen(!isOpen)}>
      {text}
    </MenuToggle>
  );
  const groups = [...Map.groupBy(offered, ({ action }) => action.group)];
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      toggle={toggle}
      popperProps={inMain}
      isScrollable
      maxMenuHeight="60vh"
    >
      {groups.map(([group, members]) => (
        <DropdownGroup key={group} {...(groups.length > 1 ? { label: group } : {})}>
          <DropdownList>
            {members.map(({ action, refusal }) => (
              <DropdownItem
                key={action.text}
                isAriaDisabled={refusal !== undefined}
                isDanger={action.isDanger === true && refusal === undefined}
                {...(refusal === undefined ? {} : { description: refusal })}
                onClick={() => onChoose(action)}
              >
                {action.text}…
              </DropdownItem>
            ))}
          </DropdownList>
        </DropdownGroup>
      ))}
    </Dropdown>
  );
}
