import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf } from '../../test/inventory-fixtures.ts';
import { graphLines } from './graph-text.ts';

const ini = `
lone a=1
[web]
web[1:2] text="it's"
[all:vars]
v=1.50
[cluster:children]
web
[web:vars]
ansible_group_priority=5
d={'k': True}
`;
const inventory = inventoryOf(ini, { 'group_vars/web.yml': 'w: yes\n' });

/* What ansible-inventory 2.14 printed for the same files. */
describe('graphLines', () => {
  it('draws groups, then hosts', () => {
    expect(graphLines(inventory)).toEqual([
      '@all:',
      '  |--@ungrouped:',
      '  |  |--lone',
      '  |--@cluster:',
      '  |  |--@web:',
      '  |  |  |--web1',
      '  |  |  |--web2',
    ]);
  });

  it('begins where it is told to', () => {
    expect(graphLines(inventory, { group: 'web' })).toEqual(['@web:', '  |--web1', '  |--web2']);
    expect(failureOf(() => graphLines(inventory, { group: 'wbe' })).problem).toBe('the inventory has no group wbe');
  });

  it('adds the variables of hosts and groups, sorted', () => {
    expect(graphLines(inventory, { hasVariables: true })).toEqual([
      '@all:',
      '  |--@ungrouped:',
      '  |  |--lone',
      '  |  |  |--{a = 1}',
      '  |  |  |--{v = 1.5}',
      '  |--@cluster:',
      '  |  |--@web:',
      ...['web1', 'web2'].flatMap((host) => [
        `  |  |  |--${host}`,
        "  |  |  |  |--{d = {'k': True}}",
        "  |  |  |  |--{text = it's}",
        '  |  |  |  |--{v = 1.5}',
        '  |  |  |  |--{w = True}',
      ]),
      '  |  |  |--{ansible_group_priority = 5}',
      "  |  |  |--{d = {'k': True}}",
      '  |  |  |--{w = True}',
      '  |--{v = 1.5}',
    ]);
  });
});
