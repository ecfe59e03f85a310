import { Button, PageSection, Title } from '@patternfly/react-core';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { NodeList } from '@muster/api';
import { nodesQuery, statusQuery } from '../api/queries.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { ProblemState } from '../ui/problem-alert.tsx';
import type { ColumnId } from './columns.tsx';
import { HealthSummary } from './health-summary.tsx';
import { lastPage, nodeQueryOf, pageSizes, withFilter, type ListView } from './list-view.ts';
import { NoNodeMatches, NoNodesYet } from './nodes-empty.tsx';
import { NodesTable } from './nodes-table.tsx';
import { NodesPagination, NodesToolbar } from './nodes-toolbar.tsx';
import { useShownColumns } from './shown-columns.ts';
import { useListView } from './use-list-view.ts';
import './nodes.css';

const hasFilters = (view: ListView) => Object.keys(view.filters).length > 0;

/** All nodes: how many fare how, and each with every field. */
export function NodesPage() {
  useDocumentTitle('Nodes');
  const [view, setView] = useListView();
  const [shownColumns, showColumn] = useShownColumns();
  const { data: status } = useQuery(statusQuery);
  const list = useQuery(nodesQuery(nodeQueryOf(view)));
  const { data, isPlaceholderData } = list;

  useEffect(() => {
    // Nodes were removed, or the address names a page that never was: show the last one there is.
    if (data === undefined || isPlaceholderData) return;
    const last = lastPage(data.total, view.perPage);
    if (view.page > last) setView({ ...view, page: last }, { replace: true });
  }, [data, isPlaceholderData, view, setView]);

  const isEmpty = data?.total === 0 && !isPlaceholderData && !hasFilters(view);
  return (
    <PageSection isFilled>
      <div className="mp-nodes__head">
        <Title headingLevel="h1">Nodes</Title>
        {!isEmpty && (
          <HealthSummary
            nodes={status?.nodes}
            chosen={view.filters.health}
            onChoose={(health) => setView(withFilter(view, 'health', health))}
          />
        )}
      </div>
      {isEmpty ? (
        <NoNodesYet />
      ) : (
        <>
          <NodesToolbar view={view} total={data?.total ?? 0} onView={setView} shownColumns={shownColumns} onShowColumn={showColumn} />
          <NodeRows list={list} view={view} onView={setView} shownColumns={shownColumns} />
        </>
      )}
    </PageSection>
  );
}

type RowsProps = {
  readonly list: UseQueryResult<NodeList>;
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  readonly shownColumns: readonly ColumnId[];
};

/** The rows that the view asks for, or why there are none. */
function NodeRows({ list, view, onView, shownColumns }: RowsProps) {
  const { data, error, failureReason, dataUpdatedAt, isPlaceholderData } = list;
  const reset = () => onView({ ...view, filters: {}, sort: 'name', page: 1 });
  const problem = error ?? (data === undefined ? failureReason : null);
  if (problem !== null) {
    return (
      <ProblemState
        error={problem}
        action={
          <Button variant="secondary" onClick={reset}>
            Show all nodes, sorted by name
          </Button>
        }
      />
    );
  }
  if (data === undefined) return <Loading label="Loading the nodes" />;
  return (
    <>
      <p className="pf-v6-screen-reader" role="status">
        {data.total} {data.total === 1 ? 'node' : 'nodes'}
      </p>
      {data.total === 0 ? (
        <NoNodeMatches onClear={reset} />
      ) : (
        <>
          <NodesTable
            nodes={data.items}
            answeredAtMs={dataUpdatedAt}
            shownColumns={shownColumns}
            view={view}
            onView={onView}
            isStale={isPlaceholderData}
          />
          {data.total > pageSizes[0] && <NodesPagination view={view} total={data.total} onView={onView} place="bottom" />}
        </>
      )}
    </>
  );
}
