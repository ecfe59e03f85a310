import { expect } from 'vitest';
import { expandRange, type ExpandOptions } from '../expand-range.ts';
import { NodeRangeError } from '../node-range-error.ts';
import type { AttributeValue, RangeWorld } from '../range-world.ts';

/** Numbers from first to last, written with at least so many digits, after a prefix. */
export const numbered = (prefix: string, first: number, last: number, width = 1): string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => prefix + String(first + at).padStart(width, '0'));

/** A small cluster with every way to name a node that the language has to tell apart; its names are not in order. */
export const clusterNames: readonly string[] = [
  ...numbered('node', 1, 20, 2),
  ...numbered('f1n', 1, 3),
  ...numbered('f2n', 1, 3),
  ...numbered('n', 9, 12),
  ...numbered('node-a-', 1, 3),
  'c1-ib0',
  'c2-ib0',
  'c3-ib0',
  'rack01-unit34',
  'gpu1.site.example',
  'gpu2.site.example',
  ...numbered('node', 98, 101, 3),
  ...numbered('web', 1, 10, 3),
];

const groups = new Map<string, readonly string[]>([
  ['rack1', numbered('node', 1, 10, 2)],
  ['rack2', numbered('node', 11, 20, 2)],
  ['rack3', ['web001', 'web002']],
  ['gpu', ['node15', 'node05']],
  ['dash', numbered('node-a-', 1, 3)],
  ['row-1', ['node01', 'node11']],
  ['row-2', ['node02', 'node12']],
  ['n9', ['node01']],
  ['empty', []],
]);

const attributes = new Map<string, (name: string) => AttributeValue>([
  ['cores', (name) => (name.startsWith('node') ? Number(name.slice(-2)) : undefined)],
  ['gpus', (name) => (name.startsWith('gpu') ? 4 : 0)],
  ['health', (name) => (name === 'node03' ? 'bad' : 'good')],
  ['role', (name) => (name.startsWith('node0') ? ['worker', 'login'] : name.startsWith('web') ? ['web'] : undefined)],
  ['os', (name) => (name.startsWith('web') ? 'Ubuntu 24.04' : 'debian 12 (bookworm)')],
  ['label.zone', (name) => (name.startsWith('f1') ? 'a' : name.startsWith('f2') ? 'b' : undefined)],
  ['label.site.example/rack', (name) => (name.startsWith('f') ? `${name.slice(1, 2)}.5` : undefined)],
  ['label.note', (name) => (name === 'node01' ? 'a, "b" @ (c' : name === 'node02' ? '' : undefined)],
  ['label.size', (name) => (name === 'node01' ? '16' : name === 'node02' ? 'big' : undefined)],
]);

/** The cluster as a world; what is given replaces parts of it. */
export const clusterWorld = (replaced: Partial<RangeWorld> = {}): RangeWorld => ({
  names: clusterNames,
  groups,
  attributes: new Map<string, readonly string[] | null>([
    ['cores', null],
    ['memoryBytes', null],
    ['health', ['good', 'degraded', 'bad', 'unknown']],
  ]),
  attributeOf: (name, attribute) => attributes.get(attribute)?.(name),
  ...replaced,
});

/** A world of these nodes and nothing else. */
export const worldOf = (names: readonly string[]): RangeWorld => ({ names, groups: new Map(), attributeOf: () => undefined });

/** What a range names in the cluster, with blanks between. */
export const expanded = (range: string, options: ExpandOptions = {}, world = clusterWorld()): string =>
  expandRange(range, world, options).join(' ');

/** The error that a piece of work ends in; fails when there is none or another kind. */
export function rangeErrorOf(work: () => unknown): NodeRangeError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(NodeRangeError);
    return error as NodeRangeError;
  }
  throw new Error('no error was thrown');
}

/** The error of a range in the cluster. */
export const errorOf = (range: string, options: ExpandOptions = {}, world = clusterWorld()): NodeRangeError =>
  rangeErrorOf(() => expandRange(range, world, options));

/** The result of the work, or undefined where it ends in a NodeRangeError; other errors pass. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NodeRangeError) return undefined;
    throw error;
  }
}
