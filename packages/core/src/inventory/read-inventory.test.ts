import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf, listed, memoryFiles } from '../../test/inventory-fixtures.ts';
import { readInventory } from './read-inventory.ts';

const read = (sources: string[], content: Record<string, string>) => readInventory(sources, memoryFiles(content));

describe('precedence', () => {
  const layers = {
    hosts: '[all:vars]\na=1\nb=1\nc=1\nd=1\ne=1\nf=1\n[web:vars]\nb=2\nc=2\nd=2\ne=2\nf=2\n[web]\nh1 e=5 f=5\n',
    'group_vars/all.yml': 'c: 3\nd: 3\ne: 3\nf: 3\n',
    'group_vars/web.yml': 'd: 4\ne: 4\nf: 4\n',
    'host_vars/h1.yml': 'f: 6\n',
  };

  it('runs from [all:vars] to host_vars', () => {
    const vars = read(['hosts'], layers).varsOf('h1');
    expect(Object.fromEntries(vars)).toEqual({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 });
  });

  it('puts extra variables above all', () => {
    const options = { extraVariables: new Map([['f', 'extra']]) };
    expect(readInventory(['hosts'], memoryFiles(layers), options).varsOf('h1').get('f')).toBe('extra');
  });
});

describe('several sources', () => {
  it('lets the later one win, and keeps groups and hosts of both', () => {
    const inventory = read(['one/hosts', 'two/hosts'], {
      'one/hosts': '[web]\nh1 v=1 w=1\n[web:vars]\nx=1',
      'two/hosts': 'h1 v=2\nh2\n[web:vars]\nx=2',
    });
    expect(inventory.hosts).toEqual(['h1', 'h2']);
    expect(Object.fromEntries(inventory.varsOf('h1'))).toEqual({ v: 2, w: 1, x: 2 });
    expect(inventory.hostsInGroup('web')).toEqual(['h1']);
  });

  it("lets group_vars of a later source beat a deeper group's of an earlier one", () => {
    const inventory = read(['one/hosts', 'two/hosts'], {
      'one/hosts': '[p:children]\nc\n[c]\nh1',
      'one/group_vars/c.yml': 'v: one-child',
      'two/hosts': '',
      'two/group_vars/p.yml': 'v: two-parent',
    });
    expect(inventory.varsOf('h1').get('v')).toBe('two-parent');
  });

  it('reads a directory, with group_vars of its own', () => {
    const content = { 'inv/a': 'h1\n[web]\nh2', 'inv/b': '[web]\nh3 v=1', 'inv/group_vars/web.yml': 'w: 2', 'inv/readme.md': '= [' };
    const inventory = read(['inv'], content);
    expect(inventory.hostsInGroup('web')).toEqual(['h2', 'h3']);
    expect(Object.fromEntries(inventory.varsOf('h3'))).toEqual({ v: 1, w: 2 });
  });

  it('names the file that is wrong', () => {
    const error = failureOf(() => read(['inv'], { 'inv/a': 'h1', 'inv/b': 'h1\nh2 x' }));
    expect(error).toMatchObject({ file: 'inv/b', line: 2, column: 4 });
  });

  it('wants children declared in the file that names them, or an earlier one', () => {
    const content = { a: '[p:children]\nc', b: '[c]\nh1' };
    expect(failureOf(() => read(['a', 'b'], content))).toMatchObject({ file: 'a', line: 2 });
    expect(read(['b', 'a'], content).hostsInGroup('p')).toEqual(['h1']);
  });
});

describe('an inventory', () => {
  it('knows hosts in order of mention and groups with what is below them', () => {
    const inventory = inventoryOf('h2\nh1\n[driver]\nh3\n[worker]\nh1\nh2\n[cluster:children]\ndriver\nworker\n');
    expect(inventory.hosts).toEqual(['h2', 'h1', 'h3']);
    expect(inventory.hostsInGroup('cluster')).toEqual(['h3', 'h1', 'h2']);
    expect(inventory.hostsInGroup('registry')).toEqual([]);
    expect(inventory.groupsOf('h1')).toEqual(['cluster', 'worker']);
    expect(inventory.warnings).toEqual([]);
  });

  it('refuses a host it does not have', () => {
    const inventory = inventoryOf('h1');
    for (const ask of [() => inventory.varsOf('h2'), () => inventory.groupsOf('h2'), () => inventory.connectionOf('h2')]) {
      expect(failureOf(ask).problem).toBe('the inventory has no host h2');
    }
  });

  it('leaves names that Ansible fills itself out of the JSON, and nowhere else', () => {
    const ini = 'h1 groups=1 inventory_hostname=x omit=1 v=1\nh2 playbook_dir=/';
    expect(listed(ini)).toEqual({
      _meta: { hostvars: { h1: { v: 1 } } },
      all: { children: ['ungrouped'] },
      ungrouped: { hosts: ['h1', 'h2'] },
    });
    expect(inventoryOf(ini).varsOf('h2').get('playbook_dir')).toBe('/');
  });

  it('prints an empty inventory as Ansible does', () => {
    expect(listed('')).toEqual({ _meta: { hostvars: {} }, all: { children: ['ungrouped'] } });
  });

  it('keeps variables whose names mean something to JavaScript', () => {
    const inventory = inventoryOf('h1 __proto__=1 constructor=2\n[toString]\n__proto__');
    expect(Object.entries(Object.fromEntries(inventory.varsOf('h1')))).toContainEqual(['constructor', 2]);
    expect(inventory.varsOf('h1').get('__proto__')).toBe(1);
    expect(inventory.hostsInGroup('toString')).toEqual(['__proto__']);
    expect(inventory.toAnsibleJson()).toContain('"__proto__": 1');
  });
});

describe('complaints', () => {
  it('wants at least one source', () => {
    expect(failureOf(() => read([], {})).message).toBe('there is no inventory to read. Name an inventory with -i.');
  });

  it('says what is missing', () => {
    expect(failureOf(() => read(['nope'], {})).message).toContain('nope: there is no such file');
  });

  it('reports a broken file of variables with its own name', () => {
    const error = failureOf(() => read(['hosts'], { hosts: 'h1', 'host_vars/h1.yml': 'a: [' }));
    expect(error).toMatchObject({ file: 'host_vars/h1.yml', line: 1 });
  });
});
