import type { Environment, EnvironmentDefinition } from '@muster/api';
import { Button, Card, CardBody, CardHeader, CardTitle } from '@patternfly/react-core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { environmentVersionsQuery } from '../api/environment-queries.ts';
import { saveFile } from '../ui/save-file.ts';
import { formatBytes } from '../ui/format.ts';
import { Moment } from '../ui/moment.tsx';
import { OutputText } from '../ui/output-text.tsx';
import { ProblemAlert } from '../ui/problem-alert.tsx';

/** What an environment is made of, now and before. */
export function DefinitionCard({ environment }: { environment: Environment }) {
  const { data } = useQuery(environmentVersionsQuery(environment.id));
  const take = useMutation({
    mutationFn: (format: 'definition' | 'lock') => api.exportEnvironment({ params: { environment: environment.id }, query: { format } }),
    onSuccess: ({ fileName, mediaType, content }) => saveFile(fileName, mediaType, content),
  });
  return (
    <Card component="section" aria-labelledby="environment-definition">
      <CardHeader
        actions={{
          actions: (
            <>
              <Button variant="secondary" size="sm" isLoading={take.isPending} onClick={() => take.mutate('definition')}>
                Export
              </Button>
              <Button variant="secondary" size="sm" isDisabled={take.isPending} onClick={() => take.mutate('lock')}>
                Export lock
              </Button>
            </>
          ),
        }}
      >
        <CardTitle component="h2" id="environment-definition">
          Definition
        </CardTitle>
      </CardHeader>
      <CardBody className="mp-stack">
        {take.isError && <ProblemAlert error={take.error} title="Not exported" />}
        <DefinitionText definition={environment.definition} />
        {environment.artifacts.map(({ sha256, name, sizeBytes }) => (
          <p key={sha256} className="mp-break">
            {name} <span className="mp-quiet">{formatBytes(sizeBytes)}</span>
          </p>
        ))}
        <ul className="mp-plain-list" aria-label="Versions">
          {data?.items.map((one) => (
            <li key={one.version}>
              Version {one.version}{' '}
              <span className="mp-quiet">
                by {one.createdBy}, <Moment at={one.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function DefinitionText({ definition }: { definition: EnvironmentDefinition }) {
  if (definition.kind === 'archive') {
    return (
      <p>
        The archive with SHA-256 <code className="mp-break">{definition.sha256}</code>
      </p>
    );
  }
  if (definition.kind === 'conda') return <OutputText text={definition.environmentYml} label="environment.yml" />;
  return (
    <>
      <OutputText text={definition.requirements} label="requirements.txt" />
      <p className="mp-quiet">With {definition.python}.</p>
    </>
  );
}
