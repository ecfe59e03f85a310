import type { AuditEntry } from '@muster/api';
import { callUrl, routes } from '@muster/api';
import { Button, PageSection, Title } from '@patternfly/react-core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../api/client.ts';
import { liveKey } from '../api/queries.ts';
import { useDocumentTitle } from '../ui/document-title.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { UnansweredPage } from '../ui/unanswered.tsx';
import { auditQueryOf, readAuditSearch, writeAuditSearch, type AuditSearch } from './audit-search.ts';
import { AuditForm } from './audit-form.tsx';
import { AuditTable } from './audit-table.tsx';

const pageSize = 50;

/** The entries of a search, newest first, with older ones on demand. */
function useAudit(search: AuditSearch) {
  const query = useMemo(() => auditQueryOf(search), [search]);
  return useInfiniteQuery({
    queryKey: [liveKey, 'audit', query],
    queryFn: ({ pageParam, signal }) =>
      api.listAudit({ query: { ...query, limit: pageSize, ...(pageParam === 0 ? {} : { before: pageParam }) } }, signal),
    initialPageParam: 0,
    getNextPageParam: ({ items }) => (items.length < pageSize ? undefined : items.at(-1)?.id),
  });
}

/** Who asked for what, and how it ended. */
export function AuditPage() {
  useDocumentTitle('Audit log');
  const [params, setParams] = useSearchParams();
  const search = useMemo(() => readAuditSearch(params), [params]);
  const setSearch = useCallback((next: AuditSearch) => setParams(writeAuditSearch(next), { replace: true }), [setParams]);
  const log = useAudit(search);
  const { data, error, failureReason, hasNextPage, isFetchingNextPage, isFetchNextPageError } = log;
  const entries: AuditEntry[] = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <PageSection isFilled>
      <div className="mp-head">
        <Title headingLevel="h1">Audit log</Title>
        <span className="mp-buttons mp-end">
          <ExportLinks search={search} />
        </span>
      </div>
      <AuditForm search={search} onSearch={setSearch} />
      <UnansweredPage data={data} error={error} failureReason={failureReason} label="Loading the log" />
      {data !== undefined && <EntryCount total={data.pages[0]?.total ?? 0} />}
      {entries.length > 0 && <AuditTable entries={entries} />}
      {isFetchNextPageError && <ProblemAlert error={error} title="Older entries could not be loaded" />}
      {hasNextPage && (
        <Button variant="link" isLoading={isFetchingNextPage} isDisabled={isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Load older entries
        </Button>
      )}
    </PageSection>
  );
}

function ExportLinks({ search }: { search: AuditSearch }) {
  return (['csv', 'json'] as const).map((format) => (
    <a
      key={format}
      className="pf-v6-c-button pf-m-secondary pf-m-small"
      href={callUrl(routes.exportAudit, { query: { ...auditQueryOf(search), format } })}
      download={`audit.${format === 'csv' ? 'csv' : 'jsonl'}`}
    >
      Export {format.toUpperCase()}
    </a>
  ));
}

function EntryCount({ total }: { total: number }) {
  return (
    <p role="status" className="mp-quiet">
      {total === 1 ? '1 entry' : `${total.toLocaleString('en-GB')} entries`}
    </p>
  );
}
