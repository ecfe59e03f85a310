import type { Node } from '@muster/api';
import { memo, useCallback, useMemo, useState, type ReactNode } from 'react';
import type { Column } from '../columns.tsx';
import { isSameRow } from './same-row.ts';
import type { RowSelection } from './use-row-selection.ts';

type CellsProps = {
  readonly node: Node;
  readonly answeredAtMs: number;
  readonly shown: readonly Column[];
  readonly isSelected: boolean;
  readonly row: number;
  readonly choose: Pick<RowSelection, 'toggle' | 'selectTo'>;
};

type RowProps = Omit<CellsProps, 'node' | 'answeredAtMs'> & {
  /** Undefined while the row is being fetched. */
  readonly node: Node | undefined;
  readonly answeredAtMs: number;
  /** Distance from the first row, pixels. */
  readonly top: number;
  /** Whether the tab key comes to this row. */
  readonly isTabStop: boolean;
  readonly measure: (element: HTMLTableRowElement | null) => void;
  readonly note: (row: number, element: HTMLElement | null) => void;
  readonly onArrive: (row: number) => void;
};

/**
 * One row, at its place among thousands that are not there. Its cells belong to its node: when another node comes to this place, whatever had the
 * focus in them goes, and no key meant for one node reaches another.
 */
export const NodeRow = memo(function NodeRow({ node, answeredAtMs, top, isTabStop, measure, note, onArrive, ...cells }: RowProps) {
  const { row, isSelected, shown } = cells;
  const hold = useCallback(
    (element: HTMLTableRowElement | null) => {
      measure(element);
      note(row, element);
    },
    [measure, note, row],
  );
  return (
    <tr
      ref={hold}
      role="row"
      data-index={row}
      aria-rowindex={row + 2}
      aria-selected={isSelected}
      tabIndex={isTabStop ? 0 : -1}
      className={isSelected ? 'mp-grid__row mp-grid__row--selected' : 'mp-grid__row'}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={() => onArrive(row)}
    >
      {node === undefined ? (
        <td role="gridcell" aria-colspan={shown.length + 1} className="mp-grid__cell mp-grid__waiting">
          <span className="pf-v6-screen-reader">Loading this row</span>
        </td>
      ) : (
        <NodeCells key={node.id} {...cells} node={node} answeredAtMs={answeredAtMs} />
      )}
    </tr>
  );
});

/**
 * The cells of one node. Each answer of the server brings new heartbeats of all nodes, so only their column is rendered anew. The cells are
 * plain elements: PatternFly's own, made for tooltips and editing, take several times as long.
 */
const NodeCells = memo(function NodeCells({ node, answeredAtMs, shown, isSelected, row, choose }: CellsProps) {
  const [steady, setSteady] = useState(node);
  if (steady !== node && !isSameRow(steady, node)) setSteady(node);
  const cells = useMemo(
    () => new Map<string, ReactNode>(shown.map((column) => [column.id, column.id === 'heartbeat' ? null : column.cell(steady, 0)])),
    [shown, steady],
  );
  const change = (event: Event) => {
    if (event instanceof MouseEvent && event.shiftKey) choose.selectTo(row, row);
    else choose.toggle(row);
  };
  return (
    <>
      <td role="gridcell" className="mp-grid__cell mp-cell-select">
        <label className="mp-check">
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isSelected}
            aria-label={`Select ${node.name}`}
            onChange={({ nativeEvent }) => change(nativeEvent)}
          />
        </label>
      </td>
      {shown.map((column) => (
        <td key={column.id} role="gridcell" data-label={column.title} className={`mp-grid__cell mp-cell-${column.id}`}>
          {column.id === 'heartbeat' ? column.cell(node, answeredAtMs) : cells.get(column.id)}
        </td>
      ))}
    </>
  );
});
