import type { ArtifactOutcome } from '../../artifacts/pull.ts';
import { type Format, printList } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { bytes } from '../../output/units.ts';

const columns: Column<ArtifactOutcome>[] = [
  { title: 'ARTIFACT', cell: ({ name }) => printable(name) },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'SIZE', alignRight: true, cell: ({ status, sizeBytes }) => (status === 'failed' ? '-' : bytes(sizeBytes)) },
  { title: 'WHY', cell: ({ why }) => printable(why) },
];
const wide: Column<ArtifactOutcome>[] = [{ title: 'RECEIVED', alignRight: true, cell: ({ receivedBytes }) => bytes(receivedBytes) }];

/** Prints what became of each artifact; a failure makes the command's exit status 1. */
export function printOutcomes(output: Format, outcomes: readonly ArtifactOutcome[]): void {
  printList(output, outcomes, columns, wide, ({ name }) => name);
  if (outcomes.some(({ status }) => status === 'failed')) process.exitCode = 1;
}
