import type { NodeFilterKey } from '@muster/api';
import { InputGroup, InputGroupItem, SearchInput } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { FilterSelect } from '../ui/filter-select.tsx';
import { filterFields, writtenKeys } from './filter-fields.ts';
import type { ListView } from './list-view.ts';

type Props = { readonly filters: ListView['filters']; readonly onFilter: (key: NodeFilterKey, value: string) => void };

const pauseMs = 200;

/** Searches by any field whose value is written. It asks the server when the typing pauses. */
export function NodeSearch({ filters, onFilter }: Props) {
  const [key, setKey] = useState<NodeFilterKey>(() => writtenKeys.find((one) => filters[one] !== undefined) ?? 'name');
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
    const next = writtenKeys.find((one) => one === value);
    if (next === undefined) return;
    setKey(next);
    setText(filters[next] ?? '');
  };
  const { title, example = '' } = filterFields[key];
  return (
    <InputGroup className="mp-search">
      <InputGroupItem>
        <FilterSelect
          title="Search by"
          options={writtenKeys.map((one) => ({ value: one, text: filterFields[one].title }))}
          value={key}
          onChoose={choose}
        />
      </InputGroupItem>
      <InputGroupItem isFill>
        <SearchInput
          aria-label={`Search nodes by ${title.toLowerCase()}`}
          placeholder={example}
          value={text}
          onChange={(_, value) => setText(value)}
          onClear={() => onFilter(key, '')}
        />
      </InputGroupItem>
    </InputGroup>
  );
}
