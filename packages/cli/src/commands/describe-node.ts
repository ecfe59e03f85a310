import type { Facts, Node } from '@muster/api';
import { printable } from '../output/printable.ts';
import { duration, health, memory } from '../output/units.ts';

/** A line of a description: its label and its text, which has been made harmless. */
type Line = readonly [label: string, text: string];

/** Everything known of a node, for people: a label and a text on each line. What the node says of itself is shown, never obeyed. */
export function describeNode(node: Node): string {
  const lines: Line[] = [
    ['Name', printable(node.name)],
    // Coloured, so not to be passed through `printable`; one of four words.
    ['Health', health(node.health.state)],
    ...node.health.reasons.map(({ message }): Line => ['', printable(message)]),
    ...ofServer(node).map(([label, text]): Line => [label, printable(text)]),
    ...(node.facts === null ? [] : ofMachine(node.facts)).map(([label, text]): Line => [label, printable(text)]),
    ['Clock skew', node.clockSkewSeconds === null ? '-' : `${node.clockSkewSeconds.toFixed(3)} s`],
  ];
  return lines.map(([label, text]) => `${label.padEnd(14)}${text}\n`).join('');
}

function ofServer(node: Node): Line[] {
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  const { sources } = node;
  return [
    ['Heard', node.heartbeatAgeSeconds === null ? 'never' : `${duration(node.heartbeatAgeSeconds)} ago`],
    ...ofState(node),
    ...ofAgent(node),
    ['Named by', sources.name],
    ['Private IP', sourced(node.privateIp ?? node.reportedIp ?? null, sources.privateIp)],
    ['Public IP', sourced(node.publicIp, sources.publicIp)],
    ...node.mismatches.map(({ member, decided, reported }): Line => ['Mismatch', `${member}: decided ${decided}, reported ${reported}`]),
    ['Registered', node.registeredAt ?? 'no'],
    ...ofCredential(node),
    ['Environments', node.environments],
    ['Groups', node.groups.join(', ') || '-'],
    ['Labels', labels.join(', ') || '-'],
    ['Notes', node.notes.replaceAll('\n', ' ') || '-'],
  ];
}

/** The node's certificate: its serial, its last rotation, its end. */
const ofCredential = ({ certificateSerial, certificateIssuedAt, certificateExpiresAt }: Node): Line[] =>
  certificateSerial === null
    ? [['Credential', '-']]
    : [
        ['Credential', certificateSerial],
        ['', `issued ${certificateIssuedAt ?? '-'}, valid until ${certificateExpiresAt ?? '-'}`],
      ];

const sourced = (value: string | null, source: string | null): string => (value === null ? '-' : `${value} (${source ?? 'unknown'})`);

/** Maintenance, and whether new work comes: who said so, and why. */
function ofState({ maintenance, scheduling }: Node): Line[] {
  const { state, by, since, reason, deadline } = scheduling;
  const until = deadline == null ? '' : `, to be done by ${deadline}`;
  return [
    [
      'Scheduling',
      state === 'open' ? 'open' : `${state} by ${by ?? '-'} since ${since ?? '-'}${until}${reason === '' ? '' : `: ${reason}`}`,
    ],
    ...(maintenance === null
      ? []
      : [
          [
            'Maintenance',
            `by ${maintenance.by} since ${maintenance.since}, until ${maintenance.until ?? 'somebody ends it'}: ${maintenance.reason}`,
          ] as Line,
        ]),
  ];
}

const ofAgent = ({ agent }: Node): Line[] => (agent.state === 'normal' ? [] : [['Agent', `${agent.state}: ${agent.message}`]]);

const ofMachine = (facts: Facts): Line[] => [
  ['Hostname', facts.hostname],
  ['Addresses', facts.addresses.map((one) => `${one.address} (${one.interface})`).join(', ') || '-'],
  ['Cores', String(facts.cores)],
  ['Memory', memory(facts.memoryBytes)],
  ['GPUs', facts.gpus.map((gpu) => gpu.model).join(', ') || 'none'],
  ['System', `${facts.os.name}, ${facts.kernel}, ${facts.architecture}`],
  ['Agent', facts.agentVersion],
];
