import type { EnvironmentPicture, PicturedEnvironment, PicturedNode, PicturedWork } from '../src/index.ts';

const at = '2026-01-01T00:00:00.000Z';

/** The hash that stands for a definition in these tests. */
const hashOf = (name: string, version: number): string => `${name}-${version}`;

export const environment = (name: string, change: Partial<PicturedEnvironment> = {}): PicturedEnvironment => {
  const version = change.version ?? 1;
  return { id: name, name, version, definitionSha256: hashOf(name, version), selector: null, removed: false, force: false, ...change };
};

/** A node that is there and has reported these environments, as `ml 2`. */
export const node = (name: string, has: readonly string[] | null = [], change: Partial<PicturedNode> = {}): PicturedNode => ({
  id: name,
  name,
  groups: [],
  labels: {},
  environments: 'on',
  registered: true,
  connected: true,
  report: has === null ? null : { available: true, truncated: false, items: has.map(itemOf) },
  reportedAt: has === null ? null : at,
  ...change,
});

function itemOf(text: string): { name: string; version: number; definitionSha256: string } {
  const [name = '', version = '1', hash] = text.split(' ');
  return { name, version: Number(version), definitionSha256: hash ?? hashOf(name, Number(version)) };
}

/** Work as `node environment state version`; version `-` is a removal. */
export const work = (text: string, change: Partial<PicturedWork> = {}): PicturedWork => {
  const [nodeId = '', environmentId = '', state = 'success', version = '1'] = text.split(' ');
  const isRemoval = version === '-';
  return {
    nodeId,
    environmentId,
    revision: 1,
    action: isRemoval ? 'remove' : 'create',
    version: isRemoval ? null : Number(version),
    state: state as PicturedWork['state'],
    message: '',
    attempts: 0,
    retryAt: null,
    retryDue: false,
    taskId: null,
    changedAt: at,
    reportedSince: true,
    ...change,
  };
};

export const picture = (
  environments: readonly PicturedEnvironment[],
  nodes: readonly PicturedNode[],
  works: readonly PicturedWork[] = [],
): EnvironmentPicture => ({ environments, nodes, work: works });
