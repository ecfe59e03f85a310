import type { ApiKey, Session } from '@muster/api';
import { Button, Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { ownKeysQuery } from '../api/people-queries.ts';
import { KeysTable } from '../people/keys-table.tsx';
import { RevokeKeyDialog } from '../people/revoke-key-dialog.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { MakeKeyDialog } from './make-key-dialog.tsx';

/** One's own keys for programs. */
export function OwnKeysCard({ session }: { session: Session }) {
  const { data, error } = useQuery(ownKeysQuery);
  const [isMaking, setIsMaking] = useState(false);
  const [asked, setAsked] = useState<ApiKey | null>(null);
  return (
    <Card component="section" aria-labelledby="own-keys">
      <CardHeader
        actions={{
          actions: (
            <Button variant="secondary" size="sm" onClick={() => setIsMaking(true)}>
              Make a key
            </Button>
          ),
        }}
      >
        <CardTitle component="h2" id="own-keys">
          API keys
        </CardTitle>
      </CardHeader>
      <CardBody>
        {error !== null && <ProblemAlert error={error} />}
        {data?.items.length === 0 && <p className="mp-quiet">You have no key. A program that speaks to Muster for you needs one.</p>}
        {data !== undefined && data.items.length > 0 && <KeysTable keys={data.items} hasOwners={false} onRevoke={setAsked} />}
      </CardBody>
      {isMaking && <MakeKeyDialog session={session} onClose={() => setIsMaking(false)} />}
      {asked !== null && (
        <RevokeKeyDialog apiKey={asked} revoke={(id) => api.revokeOwnKey({ params: { id } })} onClose={() => setAsked(null)} />
      )}
    </Card>
  );
}
