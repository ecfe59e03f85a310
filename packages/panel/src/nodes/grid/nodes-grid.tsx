import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import { mainId } from '../../layout/main-id.ts';
import { columnsWidth, columnTemplate, type Column } from '../columns.tsx';
import type { ListView } from '../list-view.ts';
import type { Selection } from '../selection/use-selection.ts';
import { GridHead } from './grid-head.tsx';
import { gridCommand, type GridCommand } from './grid-keys.ts';
import { NodeRow } from './node-row.tsx';
import { rowAt, type NodeWindow, type RowSpan } from './node-window.ts';
import { useGridFocus } from './use-grid-focus.ts';
import type { RowSelection } from './use-row-selection.ts';
import { useIsNarrow, useRowsOffset } from './use-scroller.ts';
import './nodes-grid.css';

type Props = {
  readonly list: NodeWindow;
  /** While rows of another view still stand here. */
  readonly isStale: boolean;
  readonly look: (span: RowSpan) => void;
  readonly shown: readonly Column[];
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  readonly selection: Selection;
  readonly choose: RowSelection;
  readonly onOpen: (name: string) => void;
};

const rowsBeyond = 8;
/** First guesses, pixels; each row is measured once it is there. */
const rowHeight = 48;
const cardHeight = 250;

/** Rows that exist only where they are looked at; `stop` is the row of the keyboard, which always does: with its element the focus would be lost. */
function useRows(count: number, stop: number, scroller: HTMLElement | null, body: HTMLElement | null) {
  const isNarrow = useIsNarrow();
  const offset = useRowsOffset(body, scroller);
  const rows = useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => (isNarrow ? cardHeight : rowHeight),
    overscan: rowsBeyond,
    scrollMargin: offset,
    scrollPaddingStart: isNarrow ? 0 : offset,
    rangeExtractor: useCallback((range: Range) => withRow(defaultRangeExtractor(range), stop, range.count), [stop]),
  });
  return { rows, offset, first: rows.range?.startIndex ?? 0, last: rows.range?.endIndex ?? 0 };
}

function withRow(indices: number[], row: number, count: number): number[] {
  if (row >= count || indices.includes(row)) return indices;
  return [...indices, row].toSorted((left, right) => left - right);
}

/**
 * The table of nodes: as many rows as there are nodes, of which only those on screen exist. On a narrow screen each row is a card with its
 * titles, and the page scrolls instead of the table.
 */
export function NodesGrid({ list, isStale, look, shown, view, onView, selection, choose, onOpen }: Props) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const [body, setBody] = useState<HTMLTableSectionElement | null>(null);
  const scroller = useIsNarrow() ? document.getElementById(mainId) : box;
  const focus = useGridFocus(list);
  const { rows, offset, first, last } = useRows(list.total, focus.row, scroller, body);
  useEffect(() => look({ first: first - rowsBeyond, last: last + rowsBeyond }), [first, last, look]);

  const shownKey = useRef(list.viewKey);
  useEffect(() => {
    if (shownKey.current === list.viewKey) return;
    shownKey.current = list.viewKey;
    scroller?.scrollTo(0, 0);
  }, [list.viewKey, scroller]);

  const obey = (asked: GridCommand) => {
    const node = rowAt(list, focus.row)?.node;
    if (asked.kind === 'go') {
      if (asked.selects) choose.selectTo(asked.to, focus.row);
      focus.go(asked.to);
      rows.scrollToIndex(asked.to, { align: 'auto' });
    } else if (asked.kind === 'toggle') choose.toggle(focus.row);
    else if (asked.kind === 'select-to-here') choose.selectTo(focus.row, focus.row);
    else if (asked.kind === 'select-all') choose.selectAll(true);
    else if (asked.kind === 'select-none') selection.clear();
    else if (node !== undefined) onOpen(node.name);
  };
  const press = (event: KeyboardEvent) => {
    // In a row's link or box the keys mean what they always mean there.
    if (!(event.target instanceof HTMLTableRowElement)) return;
    const asked = gridCommand(event, { row: focus.row, rows: list.total, rowsOnScreen: Math.max(1, last - first) });
    if (asked === undefined) return;
    event.preventDefault();
    obey(asked);
  };
  const style = useMemo(
    () => ({ '--mp-grid-columns': columnTemplate(shown), '--mp-grid-width': `${columnsWidth(shown)}rem` }) as CSSProperties,
    [shown],
  );

  return (
    <div className="mp-grid__box" ref={setBox}>
      <table
        role="grid"
        aria-label="Nodes"
        aria-multiselectable="true"
        aria-rowcount={list.total + 1}
        aria-busy={isStale}
        className={isStale ? 'mp-grid mp-stale' : 'mp-grid'}
        style={style}
      >
        <GridHead
          shown={shown}
          view={view}
          onView={onView}
          total={list.total}
          selected={selection.nodes.size}
          onSelectAll={choose.selectAll}
        />
        <tbody role="rowgroup" ref={setBody} className="mp-grid__body" style={{ height: rows.getTotalSize() }} onKeyDown={press}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const found = rowAt(list, index);
            return (
              <NodeRow
                key={index}
                row={index}
                node={found?.node}
                answeredAtMs={found?.answeredAtMs ?? 0}
                shown={shown}
                isSelected={found !== undefined && selection.has(found.node.id)}
                choose={choose}
                top={start - offset}
                isTabStop={index === focus.row}
                measure={rows.measureElement}
                note={focus.note}
                onArrive={focus.arrived}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
