import type { ProvisionRun } from '@muster/api';
import { readRuns, runFolder } from './run-folder.ts';

/** Which runs are like the one that begins. */
type Likeness = { readonly command: ProvisionRun['command']; readonly dryRun: boolean; readonly hosts: number };

const mostAsked = 5;

/** How long each phase may take: the median of the last five runs that came to their end, over about as many hosts. Pure. */
export function expectedSeconds(runs: readonly ProvisionRun[], { command, dryRun, hosts }: Likeness): Map<string, number> {
  const alike = runs
    .filter((run) => run.command === command && run.state === 'done' && run.options.includes('--dry-run') === dryRun)
    .filter((run) => run.counts.hosts <= hosts * 2 && hosts <= run.counts.hosts * 2)
    .slice(0, mostAsked);
  const byPhase = Map.groupBy(
    alike.flatMap(({ phases }) => phases),
    ({ phase }) => phase,
  );
  return new Map([...byPhase].map(([phase, all]) => [phase, medianOf(all.map(({ seconds }) => seconds))]));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The same of the runs that this machine has kept; none where they cannot be read. */
export const expectedHere = async (command: Likeness['command'], dryRun: boolean, hosts: number): Promise<Map<string, number>> =>
  expectedSeconds(await readRuns(runFolder(process.env)), { command, dryRun, hosts });
