import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf } from '../../test/inventory-fixtures.ts';
import { hostText, listText } from './inventory-listing.ts';

const ini = 'lone a=1 omit=2\n[web]\nweb1 b=2\n[all:vars]\nv=1\n[web:vars]\nansible_group_priority=5\n';
const inventory = inventoryOf(ini, { 'group_vars/web.yml': 'w: yes\n', 'host_vars/web1.yml': 'h: 3\n' });

describe('a listing', () => {
  it('of one host has all its variables but those that Ansible fills itself', () => {
    expect(JSON.parse(hostText(inventory, 'web1'))).toEqual({ b: 2, h: 3, v: 1, w: true });
    expect(JSON.parse(hostText(inventory, 'lone'))).toEqual({ a: 1, v: 1 });
    expect(failureOf(() => hostText(inventory, 'web')).problem).toBe('the inventory has no host web');
  });

  it('for export leaves variables where they were set', () => {
    expect(JSON.parse(listText(inventory, true))).toEqual({
      _meta: { hostvars: { lone: { a: 1 }, web1: { b: 2, h: 3 } } },
      all: { children: ['ungrouped', 'web'], vars: { v: 1 } },
      ungrouped: { hosts: ['lone'] },
      web: { hosts: ['web1'], vars: { ansible_group_priority: 5, w: true } },
    });
  });
});
