import { callUrl, routes } from '@muster/api';
import { Dropdown, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import DownloadIcon from '@patternfly/react-icons/dist/esm/icons/download-icon';
import { useState, type Ref } from 'react';
import { nodeQueryOf, type ListView } from './list-view.ts';
import { inMain } from '../ui/menu-place.ts';

const formats = [
  { format: 'csv', text: 'As CSV' },
  { format: 'json', text: 'As JSON' },
] as const;

/** Downloads all nodes that the filters leave, not only those on screen. */
export function ExportMenu({ view }: { view: ListView }) {
  const [isOpen, setIsOpen] = useState(false);
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant="plain"
      icon={<DownloadIcon />}
      isExpanded={isOpen}
      onClick={() => setIsOpen(!isOpen)}
      aria-label="Export"
    />
  );
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      toggle={toggle}
      popperProps={{ position: 'right', ...inMain }}
    >
      <DropdownList aria-label="Export these nodes">
        {formats.map(({ format, text }) => (
          <DropdownItem
            key={format}
            to={callUrl(routes.exportNodes, { query: { ...nodeQueryOf(view), format } })}
            download={`nodes.${format}`}
          >
            {text}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
