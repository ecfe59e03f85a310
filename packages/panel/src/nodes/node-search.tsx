import type { NodeFilterKey } from '@muster/api';
import { InputGroup, InputGroupItem, SearchInput } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { FilterSelect } from './filter-select.tsx';
import { filterTitles, type ListView } from './list-view.ts';

type Props = { readonly filters: ListView['filters']; readonly onFilter: (key: NodeFilterKey, value: string) => void };

const searchable = ['name', 'privateIp', 'publicIp', 'group'] as const satisfies readonly NodeFilterKey[];
type Searchable = (typeof searchable)[number];
const pauseMs = 300;

/** Searches by name, address or group. It asks the server when the typing pauses. */
export function NodeSearch({ filters, onFilter }: Props) {
  const [key, setKey] = useState<Searchable>(() => searchable.find((one) => filters[one] !== undefined) ?? 'name');
  const applied = filters[key] ?? '';
  const [text, setText] = useState(applied);
  const [seen, setSeen] = useState(applied);
  if (seen !== applied) {
    // Changed from outside: a removed chip, Back, a link.
    setSeen(applied);
    setText(applied);
  }

  useEffect(() => {
    if (text.trim() === applied) return undefined;
    const timer = setTimeout(() => onFilter(key, text), pauseMs);
    return () => clearTimeout(timer);
  }, [text, applied, key, onFilter]);

  const choose = (value: string) => {
    const next = searchable.find((one) => one === value);
    if (next === undefined) return;
    setKey(next);
    setText(filters[next] ?? '');
  };
  return (
    <InputGroup className="mp-search">
      <InputGroupItem>
        <FilterSelect
          title="Search by"
          options={searchable.map((one) => ({ value: one, text: filterTitles[one] }))}
          value={key}
          onChoose={choose}
        />
      </InputGroupItem>
      <InputGroupItem isFill>
        <SearchInput
          aria-label={`Search nodes by ${filterTitles[key].toLowerCase()}`}
          placeholder={`Search by ${filterTitles[key].toLowerCase()}`}
          value={text}
          onChange={(_, value) => setText(value)}
          onClear={() => onFilter(key, '')}
        />
      </InputGroupItem>
    </InputGroup>
  );
}
