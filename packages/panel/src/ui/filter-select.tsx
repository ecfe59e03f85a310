import { MenuToggle, Select, SelectList, SelectOption, type MenuToggleElement } from '@patternfly/react-core';
import { useState, type Ref } from 'react';
import { inMain } from './menu-place.ts';

type Props = {
  readonly title: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly value: string | undefined;
  /** The chosen value, or an empty one when the choice was taken back. */
  readonly onChoose: (value: string) => void;
};

/** A filter with a few fixed values. Choosing the chosen one again takes it back. */
export function FilterSelect({ title, options, value, onChoose }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label={chosen === undefined ? title : `${title}: ${chosen.text}`}
    >
      {chosen === undefined ? title : chosen.text}
    </MenuToggle>
  );
  return (
    <Select
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      toggle={toggle}
      popperProps={inMain}
      selected={value}
      onSelect={(_, picked) => {
        setIsOpen(false);
        onChoose(picked === value ? '' : String(picked));
      }}
    >
      <SelectList aria-label={title}>
        {options.map((option) => (
          <SelectOption key={option.value} value={option.value}>
            {option.text}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
