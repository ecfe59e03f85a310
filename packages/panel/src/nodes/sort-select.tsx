import { FormSelect, FormSelectOption } from '@patternfly/react-core';
import { columns } from './columns.tsx';
import { withSort, type ListView } from './list-view.ts';

type Props = { readonly view: ListView; readonly onView: (view: ListView) => void };

/** Sorting where the table has no head: on a narrow screen. */
export function SortSelect({ view, onView }: Props) {
  return (
    <FormSelect
      aria-label="Sort by"
      value={view.sort.split(',', 1)[0]}
      onChange={(_, value) => onView(withSort(view, value.replace(/^-/u, ''), value.startsWith('-')))}
    >
      {columns.flatMap(({ sortKey, title }) =>
        sortKey === undefined
          ? []
          : [
              <FormSelectOption key={sortKey} value={sortKey} label={`${title} ↑`} />,
              <FormSelectOption key={`-${sortKey}`} value={`-${sortKey}`} label={`${title} ↓`} />,
            ],
      )}
    </FormSelect>
  );
}
