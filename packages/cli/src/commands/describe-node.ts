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
  return [
    ['Heard', node.heartbeatAgeSeconds === null ? 'never' : `${duration(node.heartbeatAgeSeconds)} ago`],
    ['Private IP', node.privateIp ?? '-'],
    ['Public IP', node.publicIp ?? '-'],
    ['Registered', node.registeredAt ?? 'no'],
    ['Certificate', node.certificateSerial === null ? '-' : `${node.certificateSerial}, until ${node.certificateExpiresAt ?? '-'}`],
    ['Environments', node.environments],
    ['Groups', node.groups.join(', ') || '-'],
    ['Labels', labels.join(', ') || '-'],
    ['Notes', node.notes.replaceAll('\n', ' ') || '-'],
  ];
}

const ofMachine = (facts: Facts): Line[] => [
  ['Hostname', facts.hostname],
  ['Addresses', facts.addresses.map((one) => `${one.address} (${one.interface})`).join(', ') || '-'],
  ['Cores', String(facts.cores)],
  ['Memory', memory(facts.memoryBytes)],
  ['GPUs', facts.gpus.map((gpu) => gpu.model).join(', ') || 'none'],
  ['System', `${facts.os.name}, ${facts.kernel}, ${facts.architecture}`],
  ['Agent', facts.agentVersion],
];
