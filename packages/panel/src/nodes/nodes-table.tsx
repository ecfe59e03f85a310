import type { Node } from '@muster/api';
import { SortByDirection, Table, Tbody, Th, Thead, Tr, type ThProps } from '@patternfly/react-table';
import { useMemo } from 'react';
import { columns, type Column, type ColumnId } from './columns.tsx';
import { NodeRow } from './node-row.tsx';
import { sortOf, withSort, type ListView } from './list-view.ts';

type Props = {
  readonly nodes: readonly Node[];
  readonly answeredAtMs: number;
  readonly shownColumns: readonly ColumnId[];
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  /** While rows of another page or filter still stand here. */
  readonly isStale: boolean;
};

/** The table of nodes. On a narrow screen each row becomes a card with its titles. */
export function NodesTable({ nodes, answeredAtMs, shownColumns, view, onView, isStale }: Props) {
  const shown = useMemo(() => columns.filter((column) => shownColumns.includes(column.id)), [shownColumns]);
  const sort = sortOf(view);
  const sortProps = (column: Column, index: number): Pick<ThProps, 'sort'> => {
    const { sortKey } = column;
    if (sortKey === undefined) return {};
    return {
      sort: {
        columnIndex: index,
        sortBy: {
          index: shown.findIndex((one) => one.sortKey === sort.key),
          direction: sort.isDescending ? 'desc' : 'asc',
          defaultDirection: 'asc',
        },
        onSort: (_, __, direction) => onView(withSort(view, sortKey, direction === SortByDirection.desc)),
      },
    };
  };
  return (
    <div className="mp-table-scroll">
      <Table
        aria-label="Nodes"
        aria-busy={isStale}
        variant="compact"
        gridBreakPoint="grid-lg"
        className={isStale ? 'mp-table mp-nodes-table mp-stale' : 'mp-table mp-nodes-table'}
      >
        <Thead>
          <Tr>
            {shown.map((column, index) => (
              <Th key={column.id} {...sortProps(column, index)} modifier="nowrap">
                {column.title}
              </Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {nodes.map((node) => (
            <NodeRow key={node.id} node={node} answeredAtMs={answeredAtMs} shown={shown} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
