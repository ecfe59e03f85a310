import { compareNode, type Comparison, type SelectedEnvironment } from './compare-node.ts';
import { selectedEnvironments, workByPlace } from './decide-environments.ts';
import type { EnvironmentPicture, PicturedNode, PicturedWork } from './picture.ts';
import type { WorkChange } from './work-change.ts';

export type SyncWish = {
  readonly nodeIds: ReadonlySet<string>;
  /** Only these; all without it. */
  readonly names?: readonly string[] | undefined;
};

/** What is scheduled when somebody asks for it, in the order of nodes and environments. */
export type PlannedSync = { readonly node: PicturedNode; readonly environment: SelectedEnvironment; readonly change: WorkChange };

/**
 * Brings nodes level: whatever differs by their own report is scheduled anew, whatever became of it before. Of a node that does not say what it has,
 * everything is, because building what is there does nothing. What waits or is under way stays as it is. Pure.
 */
export function planSync(picture: EnvironmentPicture, { nodeIds, names }: SyncWish): PlannedSync[] {
  const environments = selectedEnvironments(picture).filter(({ name }) => names === undefined || names.includes(name));
  const workOf = workByPlace(picture.work);
  return picture.nodes
    .filter((node) => nodeIds.has(node.id) && node.environments === 'on')
    .flatMap((node) => compareNode(node, environments).flatMap((seen) => planPlace(node, seen, workOf)));
}

/** One environment on one node: scheduled, or left as it is. */
function planPlace(node: PicturedNode, seen: Comparison, workOf: ReturnType<typeof workByPlace>): PlannedSync[] {
  const { environment, wantedVersion: version, difference } = seen;
  if (environment === undefined) return [];
  const from = workOf(node.id, environment.id);
  const isLevel = difference === null && !isUnclear(seen, environment, from);
  if (isLevel || isUnderWay(from, version)) return [];
  const to = { action: actionFor(seen), version, state: 'new', message: '', attempts: 0, taskId: null, retryInSeconds: null } as const;
  return [{ node, environment, change: { nodeId: node.id, environmentId: environment.id, from, to } }];
}

const isUnderWay = (work: PicturedWork | undefined, version: number | null): boolean =>
  (work?.state === 'new' || work?.state === 'ongoing') && work.version === version;

/** Whether it may differ, for all that is known: what its node has is not heard, and nothing says that it was done. */
const isUnclear = ({ sync }: Comparison, { selection }: SelectedEnvironment, work: PicturedWork | undefined): boolean =>
  sync === 'unknown' && work?.state !== 'success' && !('problem' in selection);

function actionFor({ wantedVersion, observedVersion }: Comparison): 'remove' | 'create' | 'update' {
  if (wantedVersion === null) return 'remove';
  return observedVersion === null ? 'create' : 'update';
}

/** Environments on these nodes that this server does not know at all: of another server, or of before a restore. */
export function unknownEnvironments(
  picture: EnvironmentPicture,
  nodeIds: ReadonlySet<string>,
): { readonly name: string; readonly version: number }[] {
  const known = new Set(picture.environments.map(({ name }) => name));
  const found = new Map<string, number>();
  for (const { id, report } of picture.nodes) {
    if (!nodeIds.has(id) || report?.available !== true) continue;
    for (const { name, version } of report.items) if (!known.has(name)) found.set(name, Math.max(version, found.get(name) ?? 0));
  }
  return [...found].map(([name, version]) => ({ name, version }));
}
