import type { EnvironmentDifference, EnvironmentSync } from '@muster/api';
import type { PicturedEnvironment, PicturedNode } from './picture.ts';
import type { Selection } from './selected-nodes.ts';

/** An environment with the nodes that are to have it. */
export type SelectedEnvironment = PicturedEnvironment & { readonly selection: Selection };

/** One environment on one node: what should be there, what is, and what that comes to. */
export type Comparison = {
  readonly name: string;
  /** Undefined for an environment that this server does not know. */
  readonly environment: SelectedEnvironment | undefined;
  readonly wantedVersion: number | null;
  readonly observedVersion: number | null;
  readonly sync: EnvironmentSync;
  readonly difference: EnvironmentDifference | null;
};

/**
 * Compares what a node reports with what it should have, environment by environment, those that it neither has nor should left out.
 * While environments are off there, or the node is not heard, nothing is called a difference.
 */
export function compareNode(node: PicturedNode, environments: readonly SelectedEnvironment[]): Comparison[] {
  const report = node.report?.available === true ? node.report.items : undefined;
  const observed = new Map(report?.map((item) => [item.name, item]));
  const general = generalSync(node, report !== undefined);
  const known = environments.flatMap((environment) => {
    const item = observed.get(environment.name);
    observed.delete(environment.name);
    return compareKnown(environment, wants(environment, node.id), item, general);
  });
  const unknown = [...observed.values()].map(({ name, version }) =>
    comparison(name, undefined, null, version, general ?? 'out-of-sync', general === undefined ? 'extra' : null),
  );
  return [...known, ...unknown];
}

/** Nothing for an environment that is neither there nor wanted. */
function compareKnown(
  environment: SelectedEnvironment,
  wanted: boolean | undefined,
  item: Observed | undefined,
  general: 'off' | 'unknown' | undefined,
): Comparison[] {
  const { name, version } = environment;
  if (wanted !== true && item === undefined) return [];
  const found = item?.version ?? null;
  // Nobody can say whether it should be there.
  if (wanted === undefined) return [comparison(name, environment, null, found, general ?? 'unknown', null)];
  const difference = general === undefined ? differenceOf(environment, wanted, item) : null;
  const sync = general ?? (difference === null ? 'in-sync' : 'out-of-sync');
  if (!wanted) return [comparison(name, environment, null, found, sync, difference)];
  return [comparison(name, environment, version, usableVersion(item), sync, difference)];
}

/** Whether a node is to have it; undefined where its selector cannot be read. */
export function wants({ removed, selection }: SelectedEnvironment, nodeId: string): boolean | undefined {
  if (removed) return false;
  return 'problem' in selection ? undefined : selection.ids.has(nodeId);
}

function generalSync(node: PicturedNode, hasReport: boolean): 'off' | 'unknown' | undefined {
  if (node.environments === 'off') return 'off';
  return node.registered && node.connected && hasReport ? undefined : 'unknown';
}

type Observed = { readonly version: number; readonly definitionSha256: string };

function differenceOf(
  { version, definitionSha256 }: SelectedEnvironment,
  wanted: boolean,
  item: Observed | undefined,
): EnvironmentDifference | null {
  if (item === undefined) return wanted ? 'missing' : null;
  if (!wanted) return 'extra';
  if (isUnusable(item)) return 'missing';
  if (item.version !== version) return 'other-version';
  return item.definitionSha256 === definitionSha256 ? null : 'other-definition';
}

/** It lies there, but nothing leads to it: for whoever wants to use it, it is not there. */
const isUnusable = ({ definitionSha256 }: Observed): boolean => definitionSha256 === '';

const usableVersion = (item: Observed | undefined): number | null => (item === undefined || isUnusable(item) ? null : item.version);

const comparison = (
  name: string,
  environment: SelectedEnvironment | undefined,
  wantedVersion: number | null,
  observedVersion: number | null,
  sync: EnvironmentSync,
  difference: EnvironmentDifference | null,
): Comparison => ({ name, environment, wantedVersion, observedVersion, sync, difference });

/** All environments of a node together: the worst counts. */
export function syncOfNode(node: PicturedNode, comparisons: readonly Comparison[]): EnvironmentSync {
  const general = generalSync(node, node.report?.available === true);
  if (general !== undefined) return general;
  return comparisons.some(({ difference }) => difference !== null) ? 'out-of-sync' : 'in-sync';
}

const words: Readonly<Record<EnvironmentDifference, (one: Comparison) => string>> = {
  missing: ({ name }) => `${name}: missing`,
  'other-version': ({ name, wantedVersion, observedVersion }) => `${name}: version ${observedVersion} instead of ${wantedVersion}`,
  'other-definition': ({ name, wantedVersion }) => `${name}: version ${wantedVersion} made of something else`,
  extra: ({ name, environment }) =>
    `${name}: there, and should not be${environment === undefined ? ' (this server does not know it)' : ''}`,
};

/** The differences of a node in words; empty when there are none. */
export const differencesInWords = (comparisons: readonly Comparison[]): string =>
  comparisons.flatMap((one) => (one.difference === null ? [] : [words[one.difference](one)])).join('; ');
