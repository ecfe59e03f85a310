import { NodeCreate } from '@muster/api';
import type { ClusterHost } from './cluster.ts';
import { listVariable } from './variables.ts';

/** What the inventory decides about a node. Without `labels` those stay what an administrator made them. */
export type WantedNode = { readonly name: string; readonly groups: readonly string[]; readonly labels?: Readonly<Record<string, string>> };

/** The node that a host of the inventory becomes: its name, its groups, and the labels of `muster_labels` (`key=value`, a list or with commas). */
export function wantedNode(host: ClusterHost): WantedNode {
  const labels = labelTexts(host)?.map(labelOf);
  return {
    name: host.name,
    groups: host.groups.filter((group) => group !== 'ungrouped'),
    ...(labels === undefined ? {} : { labels: Object.fromEntries(labels) }),
  };
}

/**
 * What is decided about a node when it is added and never again: afterwards it is the administrator's. A host that runs no jobs, being in
 * [driver] alone, gets no environments.
 */
export const firstDecisions = (host: ClusterHost): { readonly environments?: 'off' } =>
  host.roles.includes('worker') ? {} : { environments: 'off' };

/** Why the server would not take the host as a node, in sentences; empty when it would. Pure. */
export function wantedNodeProblems(host: ClusterHost): string[] {
  const notLabels = (labelTexts(host) ?? []).filter((text) => text.indexOf('=') < 1);
  const parsed = NodeCreate.safeParse(wantedNode(host));
  return [
    ...notLabels.map((text) => `"${text}" in muster_labels is not a label: write key=value`),
    ...(parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `as a node it cannot have this ${path.join(' ')}: ${message}`)),
  ];
}

const labelTexts = (host: ClusterHost): string[] | undefined => listVariable(host, 'muster_labels');

function labelOf(text: string): [string, string] {
  const [key = '', ...value] = text.split('=');
  return [key, value.join('=')];
}
