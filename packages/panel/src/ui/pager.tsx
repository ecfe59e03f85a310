import { Pagination } from '@patternfly/react-core';

/** Rows of a page of a list that is not long enough to need more than pages. */
export const pagerRows = 50;

type Props = { readonly label: string; readonly total: number; readonly offset: number; readonly onOffset: (offset: number) => void };

/** Pages of a list; nothing where all fits on one. */
export function Pager({ label, total, offset, onOffset }: Props) {
  if (total <= pagerRows && offset === 0) return null;
  const last = Math.min(total, offset + pagerRows);
  return (
    <span className="mp-pager">
      <span className="mp-quiet">
        {offset + 1}–{last} of {total.toLocaleString('en-GB')}
      </span>
      <Pagination
        isCompact
        itemCount={total}
        page={Math.floor(offset / pagerRows) + 1}
        perPage={pagerRows}
        perPageOptions={[]}
        onSetPage={(_, page) => onOffset((page - 1) * pagerRows)}
        titles={{ paginationAriaLabel: label }}
        widgetId={label.toLowerCase().replaceAll(/\s+/gu, '-')}
      />
    </span>
  );
}
