import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ProvisionRun } from '@muster/api';
import { patiently } from '../operations/await-operation.ts';
import { oneLine, printable } from '../output/printable.ts';

/** What is told of a run to whoever follows it: each line once. */
type Told = { phases: number; readonly failed: Set<string>; now: string };

const usualLookMs = 1000;

/**
 * Follows a run that the server executes until it is over, and tells phases and failures as they come. Whoever leaves ends nothing: it is the
 * server's. @throws what the server says; that it is gone only after a minute
 */
export async function followRun(
  client: Pick<Client, 'getRun'>,
  id: string,
  say: (line: string) => void,
  lookMs = usualLookMs,
): Promise<ProvisionRun> {
  const told: Told = { phases: 0, failed: new Set(), now: '' };
  for (;;) {
    const run = await patiently(() => client.getRun({ params: { id } }), lookMs);
    for (const line of newsOf(run, told)) say(line);
    if (run.state !== 'running') return run;
    await sleep(lookMs);
  }
}

function newsOf(run: ProvisionRun, told: Told): string[] {
  const phases = run.phases.slice(told.phases).map(({ phase, seconds }) => `${printable(phase)}: done in ${seconds.toFixed(1)} s`);
  const failures = run.hosts.flatMap(({ name, failure }) => {
    if (failure === null || told.failed.has(name)) return [];
    told.failed.add(name);
    return [`FAILED ${printable(name)} in ${printable(failure.phase)}: ${oneLine(failure.message)}`];
  });
  const now = run.now === undefined ? '' : `${printable(run.now.phase)}: ${run.now.done} of ${run.now.hosts} hosts`;
  const isNew = now !== '' && now !== told.now;
  told.phases = run.phases.length;
  told.now = now;
  return [...phases, ...failures, ...(isNew ? [now] : [])];
}
