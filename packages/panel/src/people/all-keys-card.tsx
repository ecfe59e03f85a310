import type { ApiKey } from '@muster/api';
import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { allKeysQuery } from '../api/people-queries.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { KeysTable } from './keys-table.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';

/** Everybody's keys. */
export function AllKeysCard() {
  const { data, error } = useQuery(allKeysQuery);
  const [asked, setAsked] = useState<ApiKey | null>(null);
  return (
    <Card component="section" aria-labelledby="all-keys" className="mp-below">
      <CardTitle component="h2" id="all-keys">
        API keys of everybody
      </CardTitle>
      <CardBody>
        {error !== null && <ProblemAlert error={error} />}
        {data?.items.length === 0 && <p className="mp-quiet">Nobody made a key yet. One makes keys of one’s own under Account.</p>}
        {data !== undefined && data.items.length > 0 && <KeysTable keys={data.items} hasOwners onRevoke={setAsked} />}
      </CardBody>
      {asked !== null && (
        <RevokeKeyDialog apiKey={asked} revoke={(id) => api.revokeKey({ params: { id } })} onClose={() => setAsked(null)} />
      )}
    </Card>
  );
}
