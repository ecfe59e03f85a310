import { MenuToggle, Select, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';
import ColumnsIcon from '@patternfly/react-icons/dist/esm/icons/columns-icon';
import { useState, type Ref } from 'react';
import { columns, type ColumnId } from './columns.tsx';
import { inMain } from '../ui/menu-place.ts';

type Props = { readonly shown: readonly ColumnId[]; readonly onShow: (ids: readonly string[]) => void };

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
      popperProps={{ position: 'right', ...inMain }}
      onSelect={(_, value) => onShow(shown.some((id) => id === value) ? shown.filter((id) => id !== value) : [...shown, String(value)])}
      isScrollable
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
