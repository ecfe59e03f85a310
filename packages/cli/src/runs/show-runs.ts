import type { ProvisionRun, ProvisionRunSummary, RunHost } from '@muster/api';
import { oneLine, printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';

const moment = (at: string): string => at.slice(0, 19).replace('T', ' ');

/** `2 changed, 1 failed` */
function countsText({ changed, unchanged, wouldChange, failed, notDone }: ProvisionRunSummary['counts']): string {
  const parts = [
    [changed, 'changed'],
    [wouldChange, 'would change'],
    [unchanged, 'unchanged'],
    [failed, 'failed'],
    [notDone, 'not done'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

const inventoryText = ({ name, version, sha256 }: NonNullable<ProvisionRun['inventory']>): string =>
  `${name}${version === null ? '' : `, version ${version}`} (${sha256.slice(0, 12)})`;

export const runColumns: readonly Column<ProvisionRunSummary>[] = [
  { title: 'ID', cell: ({ id }) => id.slice(0, 8) },
  { title: 'STARTED', cell: ({ startedAt }) => moment(startedAt) },
  { title: 'BY', cell: ({ by, machine }) => printable(`${by}@${machine}`) },
  { title: 'COMMAND', cell: ({ command, options }) => printable([command, ...options].join(' ')) },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'SECONDS', cell: ({ seconds }) => seconds.toFixed(1), alignRight: true },
  { title: 'HOSTS', cell: ({ counts }) => countsText(counts) },
];
export const wideRunColumns: readonly Column<ProvisionRunSummary>[] = [
  { title: 'FINISHED', cell: ({ finishedAt }) => (finishedAt === null ? '-' : moment(finishedAt)) },
  { title: 'WHOLE ID', cell: ({ id }) => id },
];

/** One run for people: who, when, how long each phase took, and what became of each host. */
export function runText(run: ProvisionRun): string {
  const { id, command, options, by, machine, startedAt, finishedAt, state, seconds, counts, phases, hosts } = run;
  return [
    `Run       ${id}`,
    `Command   ${printable(['muster', command, ...options].join(' '))}`,
    `By        ${printable(`${by}@${machine}`)}`,
    `Started   ${moment(startedAt)}`,
    `Finished  ${finishedAt === null ? '-' : moment(finishedAt)}`,
    `State     ${state} after ${seconds.toFixed(1)} s`,
    ...(run.reason === undefined ? [] : [`Reason    ${oneLine(run.reason)}`]),
    ...(run.inventory === undefined ? [] : [`Inventory ${inventoryText(run.inventory)}`]),
    `Hosts     ${countsText(counts)}`,
    `Phases    ${phases.map((one) => `${printable(one.phase)} ${one.seconds.toFixed(1)} s`).join(', ')}`,
    '',
    ...hosts.flatMap(hostLines),
    '',
  ].join('\n');
}

function hostLines({ name, status, phases, failure }: RunHost): string[] {
  const seconds = phases.reduce((sum, one) => sum + one.seconds, 0);
  return [
    `${printable(name)}: ${status}, ${seconds.toFixed(1)} s`,
    ...phases.flatMap(({ phase, changes, warnings }) => [
      ...warnings.map((text) => `  ${phase}: warning: ${oneLine(text)}`),
      ...changes.map((what) => `  ${phase}: ${oneLine(what)}`),
    ]),
    ...(failure === null ? [] : [`  ${failure.phase}: failed: ${oneLine(failure.message)}`]),
  ];
}
