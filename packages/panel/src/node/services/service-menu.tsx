import { ServiceAction } from '@muster/api';
import { Dropdown, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useState, type Ref } from 'react';
import { sentenceOf } from '../../ui/format.ts';
import { inMain } from '../../ui/menu-place.ts';

type Props = {
  readonly unit: string;
  /** Why it cannot be acted on, and why its journal cannot be read. */
  readonly refusals: { readonly act: string | undefined; readonly read: string | undefined };
  readonly onAct: (action: ServiceAction) => void;
  readonly onJournal: () => void;
};

/** What can be done with one service of a node. */
export function ServiceMenu({ unit, refusals, onAct, onJournal }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant="plain"
      icon={<EllipsisVIcon />}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label={`Actions on ${unit}`}
    />
  );
  const because = (refusal: string | undefined) => (refusal === undefined ? {} : { isAriaDisabled: true, description: refusal });
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      toggle={toggle}
      popperProps={{ position: 'right', ...inMain }}
    >
      <DropdownList>
        {ServiceAction.options.map((action) => (
          <DropdownItem key={action} onClick={() => onAct(action)} {...because(refusals.act)}>
            {sentenceOf(action)}…
          </DropdownItem>
        ))}
        <DropdownItem onClick={onJournal} {...because(refusals.read)}>
          Journal
        </DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
