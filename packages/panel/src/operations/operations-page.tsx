import type { OperationQuery } from '@muster/api';
import { PageSection, Title, Toolbar, ToolbarContent, ToolbarItem } from '@patternfly/react-core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { operationsQuery } from '../api/operation-queries.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { FilterSelect } from '../ui/filter-select.tsx';
import { Pager, pagerRows } from '../ui/pager.tsx';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { OperationsTable } from './operations-table.tsx';
import { operationLooks } from './task-looks.ts';
import './operations.css';

const states = Object.keys(operationLooks) as (keyof typeof operationLooks)[];

/** What was asked of nodes, newest first. */
export function OperationsPage() {
  useDocumentTitle('Operations');
  const [state, setState] = useState('');
  const [offset, setOffset] = useState(0);
  const chosen = states.find((one) => one === state);
  const query: OperationQuery = { ...(chosen === undefined ? {} : { state: chosen }), limit: pagerRows, offset };
  const { data, error, failureReason } = useQuery({ ...operationsQuery(query), placeholderData: keepPreviousData });
  const shown = error === null ? data : undefined;
  return (
    <PageSection isFilled>
      <Title headingLevel="h1">Operations</Title>
      <Toolbar className="mp-toolbar">
        <ToolbarContent>
          <ToolbarItem>
            <FilterSelect
              title="State"
              options={states.map((value) => ({ value, text: operationLooks[value].text }))}
              value={chosen}
              onChoose={(value) => {
                setState(value);
                setOffset(0);
              }}
            />
          </ToolbarItem>
          <ToolbarItem variant="pagination">
            <Pager label="Pages of operations" total={data?.total ?? 0} offset={offset} onOffset={setOffset} />
          </ToolbarItem>
        </ToolbarContent>
      </Toolbar>
      <UnansweredPage data={shown} error={error} failureReason={failureReason} label="Loading the operations" />
      {shown?.total === 0 && (
        <p className="mp-quiet">{chosen === undefined ? 'Nothing was asked of any node yet.' : 'There is no such operation.'}</p>
      )}
      {shown !== undefined && shown.items.length > 0 && <OperationsTable operations={shown.items} />}
    </PageSection>
  );
}
