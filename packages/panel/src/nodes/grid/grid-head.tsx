import LongArrowAltDownIcon from '@patternfly/react-icons/dist/esm/icons/long-arrow-alt-down-icon';
import LongArrowAltUpIcon from '@patternfly/react-icons/dist/esm/icons/long-arrow-alt-up-icon';
import { useEffect, useRef } from 'react';
import type { Column } from '../columns.tsx';
import { sortKeysOf, withSortClick, type ListView } from '../list-view.ts';

type Props = {
  readonly shown: readonly Column[];
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  readonly total: number;
  readonly selected: number;
  readonly onSelectAll: (isAll: boolean) => void;
};

/** Head of the table: the box for all rows, and what sorts by each column. */
export function GridHead({ shown, view, onView, total, selected, onSelectAll }: Props) {
  return (
    <thead role="rowgroup" className="mp-grid__head">
      <tr role="row" aria-rowindex={1} className="mp-grid__row">
        <th role="columnheader" className="mp-grid__cell mp-cell-select">
          <SelectAll total={total} selected={selected} onSelectAll={onSelectAll} />
        </th>
        {shown.map((column) => (
          <HeadCell key={column.id} column={column} view={view} onView={onView} />
        ))}
      </tr>
    </thead>
  );
}

function SelectAll({ total, selected, onSelectAll }: Pick<Props, 'total' | 'selected' | 'onSelectAll'>) {
  const box = useRef<HTMLInputElement>(null);
  const isAll = total > 0 && selected >= total;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = selected > 0 && !isAll;
  }, [selected, isAll]);
  return (
    <label className="mp-check">
      <input ref={box} type="checkbox" aria-label={`Select all ${total} nodes`} checked={isAll} onChange={() => onSelectAll(!isAll)} />
    </label>
  );
}

type HeadCellProps = Pick<Props, 'view' | 'onView'> & { readonly column: Column };

function HeadCell({ column: { id, title, sortKey }, view, onView }: HeadCellProps) {
  const keys = sortKeysOf(view);
  const place = keys.findIndex((one) => one.key === sortKey);
  const sort = keys[place];
  if (sortKey === undefined) {
    return (
      <th role="columnheader" className={`mp-grid__cell mp-cell-${id}`}>
        <span className="mp-sort">{title}</span>
      </th>
    );
  }
  // aria-sort is for the first key only: a screen reader takes it for the order of the whole table.
  const direction = place === 0 ? (sort?.isDescending === true ? 'descending' : 'ascending') : 'none';
  return (
    <th role="columnheader" aria-sort={direction} className={`mp-grid__cell mp-cell-${id}`}>
      <button
        type="button"
        className={sort === undefined ? 'mp-sort' : 'mp-sort mp-sort--on'}
        title="Sort by this column; with Shift, besides the others"
        onClick={({ shiftKey }) => onView(withSortClick(view, sortKey, shiftKey))}
      >
        {title}
        {sort !== undefined && (sort.isDescending ? <LongArrowAltDownIcon /> : <LongArrowAltUpIcon />)}
        {sort !== undefined && keys.length > 1 && <span className="mp-sort__place">{place + 1}</span>}
      </button>
    </th>
  );
}
