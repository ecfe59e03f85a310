import type { NodeSync, Session } from '@muster/api';
import { Button, PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { outOfSyncQuery } from '../api/environment-queries.ts';
import { sessionQuery, statusQuery } from '../api/queries.ts';
import { paths } from '../paths.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { Loading } from '../ui/loading.tsx';
import { ProblemAlert, ProblemState } from '../ui/problem-alert.tsx';
import { BulkBar } from './actions/bulk-bar.tsx';
import { AddNodeButton } from './add/add-node-button.tsx';
import { columns } from './columns.tsx';
import { NodesGrid } from './grid/nodes-grid.tsx';
import { useNodeWindow, type ShownNodes } from './grid/use-node-window.ts';
import { useRowSelection, type RowSelection } from './grid/use-row-selection.ts';
import { HealthSummary } from './health-summary.tsx';
import { hasFilters, usualSort, withFilter, withoutFilters, type ListView } from './list-view.ts';
import { NoNodeMatches, NoNodesYet } from './nodes-empty.tsx';
import { NodesToolbar } from './nodes-toolbar.tsx';
import { OutOfSync } from './out-of-sync.ts';
import { rangeFaultOf } from './range-fault.ts';
import { useSelection, type Selection } from './selection/use-selection.ts';
import { useShownColumns } from './shown-columns.ts';
import { useListView } from './use-list-view.ts';
import './nodes.css';

const nobody: ReadonlyMap<string, NodeSync> = new Map();

/** All nodes: how many fare how, each with every field, and what can be done with those that are chosen. */
export function NodesPage() {
  useDocumentTitle('Nodes');
  const [view, setView] = useListView();
  const [shownColumns, showColumns] = useShownColumns();
  const { data: session } = useQuery(sessionQuery);
  const { data: outOfSync } = useQuery(outOfSyncQuery);
  const shown = useNodeWindow(view);
  const selection = useSelection();
  const choose = useRowSelection(view, shown.window, selection);
  const isEmpty = shown.window?.total === 0 && !shown.isStale && !hasFilters(view);
  return (
    <PageSection isFilled hasBodyWrapper={false} className="mp-nodes">
      <NodesHead session={session} isEmpty={isEmpty} view={view} onView={setView} />
      {isEmpty ? (
        <NoNodesYet />
      ) : (
        <>
          <NodesToolbar
            view={view}
            onView={setView}
            rangeFault={rangeFaultOf(shown.problem)}
            shownColumns={shownColumns}
            onShowColumns={showColumns}
          />
          {session !== undefined && session !== null && (
            <BulkBar
              actor={session}
              chosen={selection.nodes}
              isBusy={choose.isBusy}
              onClear={selection.clear}
              total={shown.window?.total}
            />
          )}
          <OutOfSync value={outOfSync ?? nobody}>
            <NodeRows shown={shown} view={view} onView={setView} shownColumns={shownColumns} selection={selection} choose={choose} />
          </OutOfSync>
        </>
      )}
    </PageSection>
  );
}

type HeadProps = {
  readonly session: Session | null | undefined;
  readonly isEmpty: boolean;
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
};

/** The title, what adds a node, and how many fare how. */
function NodesHead({ session, isEmpty, view, onView }: HeadProps) {
  const { data: status } = useQuery(statusQuery);
  return (
    <div className="mp-nodes__head mp-above-rows">
      <div className="mp-nodes__title">
        <Title headingLevel="h1">Nodes</Title>
        {session !== undefined && session !== null && <AddNodeButton session={session} />}
      </div>
      {!isEmpty && (
        <HealthSummary
          nodes={status?.nodes}
          chosen={view.filters['health']}
          onChoose={(health) => onView(withFilter(view, 'health', health))}
        />
      )}
    </div>
  );
}

type RowsProps = {
  readonly shown: ShownNodes;
  readonly view: ListView;
  readonly onView: (view: ListView) => void;
  readonly shownColumns: readonly string[];
  readonly selection: Selection;
  readonly choose: RowSelection;
};

/** The rows that the view asks for, or why there are none. */
function NodeRows({ shown: { window: list, isStale, problem, look }, view, onView, shownColumns, selection, choose }: RowsProps) {
  const navigate = useNavigate();
  const shown = useMemo(() => columns.filter((column) => shownColumns.includes(column.id)), [shownColumns]);
  if (problem !== null) {
    return (
      <ProblemState
        error={problem}
        action={
          <Button variant="secondary" onClick={() => onView({ ...withoutFilters(view), sort: usualSort })}>
            Show all nodes, sorted by name
          </Button>
        }
      />
    );
  }
  if (list === undefined) return <Loading label="Loading the nodes" />;
  return (
    <>
      {choose.error !== null && <ProblemAlert error={choose.error} title="Not all rows could be selected" />}
      {list.total === 0 ? (
        <NoNodeMatches onClear={() => onView(withoutFilters(view))} />
      ) : (
        <NodesGrid
          list={list}
          isStale={isStale}
          look={look}
          shown={shown}
          view={view}
          onView={onView}
          selection={selection}
          choose={choose}
          onOpen={(name) => void navigate(paths.node(name))}
        />
      )}
    </>
  );
}
