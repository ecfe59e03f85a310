import type { ProvisionRun } from '@muster/api';
import { Card, CardBody, CardTitle, Progress } from '@patternfly/react-core';
import { runTime } from './run-looks.ts';

/** The phases of a run: those that are over with their time, and the one under way with how many of its hosts are done. */
export function RunProgress({ run: { phases, now, state } }: { run: ProvisionRun }) {
  return (
    <Card isCompact component="section" aria-labelledby="run-phases">
      <CardTitle component="h2" id="run-phases">
        Phases
      </CardTitle>
      <CardBody className="mp-stack">
        {phases.length > 0 && <p className="mp-break">{phases.map(({ phase, seconds }) => `${phase} ${runTime(seconds)}`).join(', ')}</p>}
        {now !== undefined && (
          <Progress
            title={now.phase}
            value={now.done}
            max={Math.max(now.hosts, 1)}
            label={`${now.done} of ${now.hosts} hosts`}
            valueText={`${now.done} of ${now.hosts} hosts`}
            size="sm"
          />
        )}
        {phases.length === 0 && now === undefined && <p className="mp-quiet">{state === 'running' ? 'It begins.' : 'It came to none.'}</p>}
      </CardBody>
    </Card>
  );
}
