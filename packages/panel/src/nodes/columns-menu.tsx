import { MenuToggle, Select, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';
import ColumnsIcon from '@patternfly/react-icons/dist/esm/icons/columns-icon';
import { useState, type Ref } from 'react';
import { columns, type ColumnId } from './columns.tsx';

type Props = { readonly shown: readonly ColumnId[]; readonly onShow: (id: ColumnId, isShown: boolean) => void };

/** Chooses the columns of the table. */
export function ColumnsMenu({ shown, onShow }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant="plain"
      icon={<ColumnsIcon />}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label="Columns"
    />
  );
  return (
    <Select
      role="menu"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      toggle={toggle}
      popperProps={{ position: 'right' }}
      onSelect={(_, value) => onShow(value as ColumnId, !shown.includes(value as ColumnId))}
    >
      <SelectList>
        {columns
          .filter(({ id }) => id !== 'name')
          .map(({ id, title }) => (
            <SelectOption key={id} value={id} hasCheckbox isSelected={shown.includes(id)}>
              {title}
            </SelectOption>
          ))}
      </SelectList>
    </Select>
  );
}
