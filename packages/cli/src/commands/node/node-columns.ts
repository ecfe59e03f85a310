import type { Node } from '@muster/api';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { duration, health, memory } from '../../output/units.ts';

/** What a person decided about how a node is used, in a word or two; `-` where it is used as any other. */
function stateText({ scheduling, maintenance }: Pick<Node, 'scheduling' | 'maintenance'>): string {
  const words = [...(maintenance === null ? [] : ['maintenance']), ...(scheduling.state === 'open' ? [] : [scheduling.state])];
  return words.join(', ') || '-';
}

/** The address that was decided, or else the agent's word, named as such. */
function privateAddress({ privateIp, reportedIp }: Node): string {
  if (privateIp !== null) return privateIp;
  return reportedIp == null ? '-' : `${printable(reportedIp)} (agent)`;
}

const day = (moment: string | null): string => moment?.slice(0, 10) ?? '-';

/** What fits a terminal. */
export const nodeColumns: readonly Column<Node>[] = [
  { title: 'NAME', cell: (node) => node.name },
  { title: 'HEALTH', cell: (node) => health(node.health.state) },
  { title: 'HEARD', cell: (node) => (node.heartbeatAgeSeconds === null ? 'never' : `${duration(node.heartbeatAgeSeconds)} ago`) },
  { title: 'STATE', cell: stateText },
  { title: 'PRIVATE IP', cell: privateAddress },
  { title: 'REGISTERED', cell: (node) => (node.registration === 'registered' ? 'yes' : 'no') },
  { title: 'CORES', alignRight: true, cell: (node) => String(node.facts?.cores ?? '-') },
  { title: 'MEMORY', alignRight: true, cell: (node) => (node.facts === null ? '-' : memory(node.facts.memoryBytes)) },
  { title: 'GPUS', alignRight: true, cell: (node) => String(node.facts?.gpus.length ?? '-') },
  { title: 'WHY', cell: (node) => printable(node.health.reasons.map((reason) => reason.message).join(' ')) },
];

/** The rest. */
export const wideNodeColumns: readonly Column<Node>[] = [
  { title: 'PUBLIC IP', cell: (node) => node.publicIp ?? '-' },
  { title: 'GROUPS', cell: (node) => node.groups.join(',') || '-' },
  { title: 'ENVIRONMENTS', cell: (node) => node.environments },
  { title: 'HOSTNAME', cell: (node) => printable(node.facts?.hostname ?? '-') },
  { title: 'MISMATCH', cell: (node) => node.mismatches.map(({ member }) => member).join(',') || '-' },
  { title: 'OS', cell: (node) => printable(node.facts?.os.name ?? '-') },
  { title: 'KERNEL', cell: (node) => printable(node.facts?.kernel ?? '-') },
  { title: 'AGENT', cell: (node) => printable(node.facts?.agentVersion ?? '-') },
  { title: 'AGENT STATE', cell: (node) => node.agent.state },
  {
    title: 'CLOCK SKEW',
    alignRight: true,
    cell: (node) => (node.clockSkewSeconds === null ? '-' : `${node.clockSkewSeconds.toFixed(3)} s`),
  },
  { title: 'CREDENTIAL', cell: (node) => node.certificateSerial ?? '-' },
  { title: 'ISSUED', cell: (node) => day(node.certificateIssuedAt) },
  { title: 'EXPIRES', cell: (node) => day(node.certificateExpiresAt) },
];
