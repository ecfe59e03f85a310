import { describe, expect, it } from 'vitest';
import { readInventory } from '../inventory/read-inventory.ts';
import { exampleNode } from '../../test/example-node.ts';
import { nodesInventory } from './nodes-inventory.ts';

const read = (document: string) =>
  readInventory(['nodes.yml'], { read: (path) => (path === 'nodes.yml' ? document : undefined), list: () => undefined });

describe('nodesInventory', () => {
  it('is read as an inventory with the same nodes, groups and addresses', () => {
    const inventory = read(
      nodesInventory([
        exampleNode({ name: 'b', groups: ['yes', 'worker'], privateIp: '10.0.0.2', labels: { zone: 'no', rack: '1.10' } }),
        exampleNode({ name: 'a', groups: [], privateIp: null, reportedIp: null, publicIp: '192.0.2.7' }),
      ]),
    );
    expect(inventory.hosts).toEqual(['a', 'b']);
    expect(inventory.groupsOf('b')).toEqual(expect.arrayContaining(['worker', 'yes']));
    expect(inventory.connectionOf('a').address).toBe('192.0.2.7');
    expect(inventory.varsOf('b').get('muster_labels')).toBe('zone=no,rack=1.10');
    expect(inventory.varsOf('a').has('muster_private_ip')).toBe(false);
  });

  it('leaves an address out that nobody knows, and groups that every inventory has', () => {
    const inventory = read(
      nodesInventory([exampleNode({ name: 'a', groups: ['all', 'ungrouped'], privateIp: null, reportedIp: null, publicIp: null })]),
    );
    expect(inventory.varsOf('a').has('ansible_host')).toBe(false);
    expect([...inventory.groups.keys()].toSorted()).toEqual(['all', 'ungrouped']);
  });

  it('of no nodes is an inventory without hosts', () => {
    expect(nodesInventory([])).toContain('all:');
  });
});
