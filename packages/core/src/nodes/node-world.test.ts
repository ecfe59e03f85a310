import { describe, expect, it } from 'vitest';
import { exampleFacts, exampleNode, nowMs } from '../../test/example-node.ts';
import { expandRange } from '../range/expand-range.ts';
import { NodeRangeError } from '../range/node-range-error.ts';
import { parseRange } from '../range/parse-range.ts';
import { askedBy, nodeWorld, worldNodeOf } from './node-world.ts';

const nodes = [
  exampleNode({ name: 'n1', groups: ['worker', 'rack1'], labels: { zone: 'a', 'example.org/x': '1' } }),
  exampleNode({ name: 'n2', groups: ['worker'], facts: exampleFacts({ cores: 64 }), health: { state: 'bad', reasons: [], since: null } }),
  exampleNode({ name: 'n3', groups: [], facts: null, privateIp: null, reportedIp: null, connected: false, labels: {} }),
  exampleNode({ name: 'worker', groups: [], scheduling: { state: 'cordoned', reason: '', by: 'ada', since: null } }),
];
const world = nodeWorld(nodes.map((node) => worldNodeOf(node, nowMs)));
const named = (range: string) => expandRange(range, world, { allowEmpty: true }).join(' ');

describe('the nodes of an installation as a world', () => {
  it.each([
    ['all', 'n1 n2 n3 worker'],
    ['n1-n3', 'n1 n2 n3'],
    ['rack1', 'n1'],
    ['worker', 'worker'],
    ['role=worker', 'n1 n2'],
    ['group!=worker', 'n3 worker'],
    ['cores>=32', 'n2'],
    ['health=bad', 'n2'],
    ['health!=bad', 'n1 n3 worker'],
    ['connected=false', 'n3'],
    ['label.zone=a', 'n1'],
    ['label.example.org/x=1', 'n1'],
    ['os=debian', 'n1 n2 worker'],
    ['os="debian 12"', 'n1 n2 worker'],
    ['os=~^Debian', 'n1 n2 worker'],
    ['privateIp=~^10', 'n1 n2 worker'],
    ['scheduling=cordoned', 'worker'],
    ['certificateDaysLeft<90', 'n1 n2 n3 worker'],
    ['maintenance=on', ''],
    ['memoryBytes>40000000000', ''],
  ])('%s names %s', (range, names) => expect(named(range)).toBe(names));

  it.each([
    ['helth=bad', /no node has an attribute helth.*Did you mean health/u],
    ['health=fine', /never "fine"/u],
    ['role=wroker', /role is never "wroker".*Did you mean worker/u],
    ['label.constructor=x', /no node has an attribute label.constructor/u],
    ['constructor=x', /no node has an attribute constructor/u],
    ['^/etc/passwd', /is not read here/u],
    ['n1-n9', /no node or group is named n\[4-9\]/u],
  ])('%s is an error', (range, message) => {
    expect(() => named(range)).toThrow(NodeRangeError);
    expect(() => named(range)).toThrow(message);
  });

  it('is as quick for one group of everybody', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => ({ name: `n${at}`, groups: ['everybody'], labels: {}, values: {} }));
    expect(expandRange('everybody', nodeWorld(many))).toHaveLength(50_000);
  });
});

describe('what a range asks for', () => {
  it.each([
    ['n1,rack1,-n[2-3]', { fields: [], labels: false }],
    ['cores>=32,(health=bad@gpus>0),-label.zone=a', { fields: ['health', 'cores', 'gpus'], labels: true }],
    ['role=worker,group=a,nonsense=1', { fields: [], labels: false }],
  ])('%s', (range, asked) => expect(askedBy(parseRange(range))).toEqual(asked));
});
