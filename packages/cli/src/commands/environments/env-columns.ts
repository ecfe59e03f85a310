import { styleText } from 'node:util';
import type { EnvironmentSummary, EnvironmentSync, NodeEnvironment, NodeSync } from '@muster/api';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';

const colours = { 'in-sync': 'green', 'out-of-sync': 'yellow', off: 'gray', unknown: 'gray' } as const;
const sync = (state: EnvironmentSync): string => styleText(colours[state], state, { stream: process.stdout });
const number = (value: number): string => String(value);

export const environmentColumns: Column<EnvironmentSummary>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'VERSION', alignRight: true, cell: ({ version }) => number(version) },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'NODES', alignRight: true, cell: ({ counts }) => number(counts.nodes) },
  { title: 'IN SYNC', alignRight: true, cell: ({ counts }) => number(counts.sync.inSync) },
  { title: 'OUT', alignRight: true, cell: ({ counts }) => number(counts.sync.outOfSync) },
  { title: 'OFF', alignRight: true, cell: ({ counts }) => number(counts.sync.off) },
  { title: 'UNKNOWN', alignRight: true, cell: ({ counts }) => number(counts.sync.unknown) },
  { title: 'WORKING', alignRight: true, cell: ({ counts }) => number(counts.work.new + counts.work.ongoing) },
  { title: 'FAILED', alignRight: true, cell: ({ counts }) => number(counts.work.failed) },
  {
    title: 'FOR',
    cell: ({ selector, selectorProblem }) =>
      printable(selectorProblem === null ? (selector ?? 'all nodes') : `${selector ?? ''} (cannot be read)`),
  },
];
export const wideEnvironmentColumns: Column<EnvironmentSummary>[] = [
  { title: 'UPDATED', cell: ({ updatedAt }) => updatedAt },
  { title: 'BY', cell: ({ updatedBy }) => printable(updatedBy) },
  { title: 'DESCRIPTION', cell: ({ description }) => printable(description.replaceAll('\n', ' ')) },
];

export const nodeColumns: Column<NodeEnvironment>[] = [
  { title: 'NODE', cell: ({ nodeName }) => nodeName },
  { title: 'ENVIRONMENT', cell: ({ environment }) => printable(environment) },
  { title: 'SYNC', cell: (one) => sync(one.sync) },
  { title: 'HAS', alignRight: true, cell: ({ observedVersion }) => String(observedVersion ?? '-') },
  { title: 'SHOULD', alignRight: true, cell: ({ wantedVersion }) => String(wantedVersion ?? '-') },
  { title: 'STATE', cell: ({ work }) => (work === null ? '-' : `${work.action} ${work.state}`) },
  { title: 'MESSAGE', cell: ({ work }) => printable(work?.message ?? '') },
];
export const wideNodeColumns: Column<NodeEnvironment>[] = [
  { title: 'TRIES', alignRight: true, cell: ({ work }) => String(work?.attempts ?? '-') },
  { title: 'AGAIN AT', cell: ({ work }) => work?.retryAt ?? '-' },
  { title: 'SINCE', cell: ({ work }) => work?.changedAt ?? '-' },
];

export const syncColumns: Column<NodeSync>[] = [
  { title: 'NODE', cell: ({ nodeName }) => nodeName },
  { title: 'ENVIRONMENTS', cell: ({ environments }) => environments },
  { title: 'SYNC', cell: (one) => sync(one.sync) },
  { title: 'WORKING', alignRight: true, cell: ({ working }) => number(working) },
  { title: 'FAILED', alignRight: true, cell: ({ failed }) => number(failed) },
  { title: 'DIFFERENCE', cell: ({ summary }) => printable(summary) },
];
export const wideSyncColumns: Column<NodeSync>[] = [{ title: 'REPORTED', cell: ({ reportedAt }) => reportedAt ?? 'never' }];
