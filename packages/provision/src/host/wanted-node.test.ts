import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from './cluster.ts';
import { firstDecisions, wantedNode, wantedNodeProblems } from './wanted-node.ts';

const hostOf = (line: string, rest = '') => clusterOf(inventoryOf(`[driver]\n${line}\n${rest}`)).driver!;

describe('the node that a host becomes', () => {
  it('has its name and its groups, and leaves labels to the administrator where the inventory has none', () => {
    expect(wantedNode(hostOf('web1', '[rack1]\nweb1\n'))).toEqual({ name: 'web1', groups: ['driver', 'rack1'] });
  });

  it('has environments from the first unless it is a driver alone', () => {
    expect(firstDecisions(hostOf('web1'))).toEqual({ environments: 'off' });
    expect(firstDecisions(hostOf('web1', '[worker]\nweb1\n'))).toEqual({});
  });

  it.each([
    ['muster_labels=rack=a,zone=b', { rack: 'a', zone: 'b' }],
    [`muster_labels="['rack=a', 'url=http://x/?a=b']"`, { rack: 'a', url: 'http://x/?a=b' }],
    ['muster_labels=rack=', { rack: '' }],
    ['muster_labels=","', {}],
  ])('has the labels of %s', (variable, labels) => expect(wantedNode(hostOf(`web1 ${variable}`)).labels).toEqual(labels));

  it.each([
    ['web1', '', []],
    ['web1 muster_labels=rack', '', ['"rack" in muster_labels is not a label: write key=value']],
    ['web1 muster_labels==a', '', ['"=a" in muster_labels is not a label: write key=value', expect.stringContaining('labels')]],
    ['web1 muster_labels=-k=a', '', [expect.stringContaining('as a node it cannot have this labels -k')]],
    ['web_1', '', [expect.stringContaining('as a node it cannot have this name')]],
    ['web1', `[${'g'.repeat(64)}]\nweb1\n`, [expect.stringContaining('as a node it cannot have this groups 1')]],
  ])('is refused before anything is touched: %s', (line, rest, problems) => {
    expect(wantedNodeProblems(hostOf(line, rest))).toEqual(problems);
  });
});
