import type { ProvisionRunSummary, RunCounts, RunHost } from '@muster/api';
import type { LabelProps } from '@patternfly/react-core';

type Look = { readonly text: string } & Pick<LabelProps, 'status' | 'color' | 'variant'>;

/** How a run ended, in a word and a colour. */
export const runLooks: Readonly<Record<ProvisionRunSummary['state'], Look>> = {
  running: { text: 'Running', status: 'info' },
  done: { text: 'Done', status: 'success' },
  failed: { text: 'Failed', status: 'danger' },
  interrupted: { text: 'Interrupted', status: 'warning' },
};

/** What became of a host. */
export const runHostLooks: Readonly<Record<RunHost['status'], Look>> = {
  unchanged: { text: 'Unchanged', variant: 'outline' },
  changed: { text: 'Changed', status: 'success' },
  'would-change': { text: 'Would change', status: 'info' },
  failed: { text: 'Failed', status: 'danger' },
  'not-done': { text: 'Not done', status: 'warning' },
};

/** A host of a run that goes on, which nothing has failed on. */
export const notYet: Look = { text: 'Not done yet', variant: 'outline' };

/** `2 changed, 1 failed` */
export function countsText({ changed, unchanged, wouldChange, failed, notDone }: RunCounts): string {
  const parts: readonly (readonly [number, string])[] = [
    [failed, 'failed'],
    [notDone, 'not done'],
    [changed, 'changed'],
    [wouldChange, 'would change'],
    [unchanged, 'unchanged'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** `4.2 s`, `3 min 20 s` */
export const runTime = (seconds: number): string =>
  seconds < 100 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** The command as it was typed. */
export const commandText = ({ command, options }: Pick<ProvisionRunSummary, 'command' | 'options'>): string =>
  ['muster', command, ...options].join(' ');

/** Which inventory the server ran. */
export const inventoryText = ({ name, version, sha256 }: NonNullable<ProvisionRunSummary['inventory']>): string =>
  `Executed by the server, with the inventory ${name}${version === null ? '' : `, version ${version}`} (${sha256.slice(0, 12)}).`;
