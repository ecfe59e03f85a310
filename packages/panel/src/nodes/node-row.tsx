import type { Node } from '@muster/api';
import { memo, useMemo, useState } from 'react';
import type { Column } from './columns.tsx';
import { isSameRow } from './same-row.ts';

type Props = { readonly node: Node; readonly answeredAtMs: number; readonly shown: readonly Column[] };

/**
 * One node in the table. Each answer of the server brings new heartbeats of all nodes, so only their column is rendered anew, and the cells are
 * plain elements with PatternFly's classes: its own cells, made for tooltips and editing, take several times as long.
 */
export const NodeRow = memo(function NodeRow({ node, answeredAtMs, shown }: Props) {
  const [steady, setSteady] = useState(node);
  if (steady !== node && !isSameRow(steady, node)) setSteady(node);
  const cells = useMemo(
    () => new Map(shown.map((column) => [column.id, column.id === 'heartbeat' ? null : column.cell(steady, 0)])),
    [shown, steady],
  );
  return (
    <tr className="pf-v6-c-table__tr">
      {shown.map((column) => (
        <td key={column.id} data-label={column.title} className={`pf-v6-c-table__td mp-cell-${column.id}`}>
          <div>{column.id === 'heartbeat' ? column.cell(node, answeredAtMs) : cells.get(column.id)}</div>
        </td>
      ))}
    </tr>
  );
});
