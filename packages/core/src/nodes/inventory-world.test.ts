import { describe, expect, it } from 'vitest';
import { readInventory } from '../inventory/index.ts';
import { expandRange } from '../range/expand-range.ts';
import { inventoryWorld } from './inventory-world.ts';

const text = `
lonely
[driver]
boss
[worker]
web[1:12]
[gpu]
web3
[site:children]
driver
gpu
`;
const world = inventoryWorld(
  readInventory(['hosts'], { read: (path) => (path === 'hosts' ? Buffer.from(text) : undefined), list: () => undefined }),
);

describe('the hosts of an inventory as a world', () => {
  it.each([
    ['all', 'boss lonely web1 web2 web3 web4 web5 web6 web7 web8 web9 web10 web11 web12'],
    ['site', 'boss web3'],
    ['ungrouped', 'lonely'],
    ['web[1-3],-gpu', 'web1 web2'],
    ['role=driver', 'boss'],
    ['worker@group=gpu', 'web3'],
  ])('%s names %s', (range, names) => expect(expandRange(range, world).join(' ')).toBe(names));

  it.each([
    ['web13', /web13/u],
    ['cores>=32', /no node has an attribute cores/u],
    ['role=wroker', /Did you mean worker/u],
  ])('%s is an error', (range, message) => expect(() => expandRange(range, world)).toThrow(message));
});
