import { describe, expect, it } from 'vitest';
import { inventoryOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import type { InventoryFiles } from './inventory-files.ts';
import { VariablesFiles } from './variables-files.ts';

const from = (content: Record<string, string>, name = 'web') =>
  Object.fromEntries(new VariablesFiles('', memoryFiles(content)).variablesOf('group_vars', name));

describe('VariablesFiles', () => {
  it('takes the first of X, X.yml, X.yaml, X.json and no more', () => {
    const all = {
      'group_vars/web': 'v: 0',
      'group_vars/web.yml': 'v: 1',
      'group_vars/web.yaml': 'v: 2',
      'group_vars/web.json': '{"v": 3}',
    };
    const order = ['group_vars/web', 'group_vars/web.yml', 'group_vars/web.yaml', 'group_vars/web.json'];
    const left: Record<string, string> = { ...all };
    order.forEach((path, index) => {
      expect(from(left)).toEqual({ v: index });
      delete left[path];
    });
    expect(from(left)).toEqual({});
  });

  it('reads a directory whole, in order, without hidden, backup and foreign files', () => {
    const content = {
      'group_vars/web/20.yml': 'v: 20\nw: 20',
      'group_vars/web/10': 'v: 10\nx: 10',
      'group_vars/web/sub/a.json': '{"y": 1}',
      'group_vars/web/sub.d/a.yml': 'broken: [',
      'group_vars/web/.hidden.yml': 'broken: [',
      'group_vars/web/old.yml~': 'broken: [',
      'group_vars/web/notes.txt': 'broken: [',
      'group_vars/web.yml': 'broken: [',
    };
    expect(from(content)).toEqual({ v: 20, w: 20, x: 10, y: 1 });
  });

  it('leaves out names that are paths from the root, and follows other slashes', () => {
    expect(from({ '/etc/x': 'v: 1' }, '/etc/x')).toEqual({});
    expect(from({ 'group_vars/a/b.yml': 'v: 1' }, 'a/b')).toEqual({ v: 1 });
  });

  it('lists a folder once, however many hosts there are', () => {
    let calls = 0;
    const disk = memoryFiles({ hosts: 'n[1:500]', 'host_vars/n7.yml': 'v: 7' });
    const counted: InventoryFiles = {
      read: disk.read,
      list: (path) => {
        calls += 1;
        return disk.list(path);
      },
    };
    const files = new VariablesFiles('', counted);
    const found = Array.from({ length: 500 }, (_, index) => files.variablesOf('host_vars', `n${index}`).get('v') ?? 0);
    expect(found.filter((value) => value === 7)).toHaveLength(1);
    expect(calls).toBeLessThan(5);
  });

  it('does not read variables of groups that no host is in', () => {
    expect(inventoryOf('h1\n[g]', { 'group_vars/g.yml': 'broken: [' }).hosts).toEqual(['h1']);
  });
});
