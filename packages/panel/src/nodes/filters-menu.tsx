import type { NodeFilterKey } from '@muster/api';
import { MenuToggle, Select, SelectGroup, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';
import FilterIcon from '@patternfly/react-icons/dist/esm/icons/filter-icon';
import { useState, type Ref } from 'react';
import { chosenKeys, filterFields } from './filter-fields.ts';
import type { ListView } from './list-view.ts';
import { inMain } from '../ui/menu-place.ts';

type Props = { readonly filters: ListView['filters']; readonly onFilter: (key: NodeFilterKey, value: string) => void };

/** The value of a filter with one of its choices added, or taken away. */
function toggledChoice(value: string | undefined, choice: string): string {
  const chosen = value === undefined ? [] : value.split(',');
  return (chosen.includes(choice) ? chosen.filter((one) => one !== choice) : [...chosen, choice]).join(',');
}

/** Filters with a few fixed values each. Of one filter any value may hold, of several filters all must. */
export function FiltersMenu({ filters, onFilter }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle ref={ref} icon={<FilterIcon />} isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
      Filters
    </MenuToggle>
  );
  const choose = (picked: string) => {
    const [key = '', choice = ''] = picked.split(':');
    const known = chosenKeys.find((one) => one === key);
    if (known !== undefined) onFilter(known, toggledChoice(filters[known], choice));
  };
  return (
    <Select
      role="menu"
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      toggle={toggle}
      popperProps={inMain}
      isScrollable
      maxMenuHeight="60vh"
      onSelect={(_, picked) => choose(String(picked))}
    >
      {chosenKeys.map((key) => (
        <SelectGroup key={key} label={filterFields[key].title}>
          <SelectList>
            {Object.entries(filterFields[key].choices ?? {}).map(([value, text]) => (
              <SelectOption
                key={value}
                value={`${key}:${value}`}
                hasCheckbox
                isSelected={filters[key]?.split(',').includes(value) ?? false}
              >
                {text}
              </SelectOption>
            ))}
          </SelectList>
        </SelectGroup>
      ))}
    </Select>
  );
}
