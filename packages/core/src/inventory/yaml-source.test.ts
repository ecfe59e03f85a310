import { describe, expect, it } from 'vitest';
import { failureOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import { PythonFloat } from './inventory-value.ts';
import { readInventory } from './read-inventory.ts';

const read = (yaml: string, beside: Record<string, string> = {}) => readInventory(['inv.yml'], memoryFiles({ 'inv.yml': yaml, ...beside }));

const cluster = `
all:
  vars:
    v: all
  hosts:
    lone:
      a: 1
  children:
    cluster:
      vars: {v: cluster, ansible_group_priority: "5"}
      children:
        web:
          hosts:
            web[01:03]:
              on: yes
              f: 1.50
            db:2222:
        empty:
web:
  hosts: web02
`;

describe('an inventory in YAML', () => {
  it('has groups, hosts with ranges and ports, and variables', () => {
    const inventory = read(cluster);
    expect(inventory.hosts).toEqual(['lone', 'web01', 'web02', 'web03', 'db']);
    expect(inventory.hostsInGroup('cluster')).toEqual(['web01', 'web02', 'web03', 'db']);
    expect(Object.fromEntries(inventory.varsOf('web01'))).toEqual({ v: 'cluster', true: true, f: new PythonFloat(1.5) });
    expect(Object.fromEntries(inventory.varsOf('db'))).toEqual({ v: 'cluster', ansible_port: 2222 });
    expect(Object.fromEntries(inventory.varsOf('lone'))).toEqual({ v: 'all', a: 1 });
    expect(inventory.groups.get('cluster')?.priority).toBe(5);
    expect(inventory.groups.get('cluster')?.children).toEqual(['web', 'empty']);
  });

  it('has group_vars and host_vars beside it, and goes together with INI', () => {
    const files = memoryFiles({
      'inv.yml': cluster,
      'group_vars/web.yml': 'v: file',
      'host_vars/web01.yml': 'v: host',
      ini: '[web]\nweb9\n[other]\nweb01',
    });
    const inventory = readInventory(['inv.yml', 'ini'], files);
    expect(inventory.varsOf('web02').get('v')).toBe('file');
    expect(inventory.varsOf('web01').get('v')).toBe('host');
    expect(inventory.groupsOf('web01')).toEqual(['cluster', 'other', 'web']);
    expect(inventory.hostsInGroup('web')).toContain('web9');
  });

  it('takes anchors and merges', () => {
    const inventory = read('web:\n  hosts:\n    h1: &common {a: 1, b: 1}\n    h2:\n      <<: *common\n      b: 2\n    h3: *common\n');
    expect(Object.fromEntries(inventory.varsOf('h2'))).toEqual({ a: 1, b: 2 });
    expect(Object.fromEntries(inventory.varsOf('h3'))).toEqual({ a: 1, b: 1 });
  });

  it('takes one name for a map, and nothing for no variables', () => {
    const inventory = read('web:\n  hosts: h1\n  children: sub\n  vars: flag\n  other:\nsub:\n  hosts: {h2: "", h3: [], h4: 0}\n');
    expect(inventory.hosts).toEqual(['h1', 'h2', 'h3', 'h4']);
    expect(Object.fromEntries(inventory.varsOf('h2'))).toEqual({ flag: null });
  });

  it('keeps the order of JSON', () => {
    const json = '{"all": {"hosts": {"10": null, "9": {"a": 1.0}}}}';
    const inventory = readInventory(['inv.json'], memoryFiles({ 'inv.json': json }));
    expect(inventory.hosts).toEqual(['10', '9']);
  });
});

describe('complaints about YAML', () => {
  it.each([
    ['web: h1', 1, 1, 'the group web is no map of hosts, children and vars'],
    ['web:\n  hosts:\n    - h1', 2, 3, 'hosts of the group web must be a map'],
    ['web:\n  host:\n    h1:', 2, 3, 'the group web has an unknown part, host'],
    ['web:\n  hosts:\n    h1: text', 3, 5, 'the variables of h1 must be a map'],
    ['web:\n  hosts:\n    1:', 3, 5, 'the name of a host must be text, and 1 is not'],
    ['web:\n  hosts:\n    2024-01-01:', 3, 5, 'the name of a host must be text, and 2024-01-01 is not'],
    ['web:\n  hosts: 2024-01-01', 2, 3, 'hosts of the group web must be a map'],
    ['yes:\n  hosts: h1', 1, 1, 'the name of a group must be text, and true is not'],
    ['"":\n  hosts: h1', 1, 1, 'the name of a group is empty'],
    ['a:\n  children:\n    b:\n      children:\n        a:', 3, 5, 'group b cannot be a child of a: that would be a loop'],
    ['web:\n  hosts:\n    h[1:x]:', 3, 5, 'a range must run between two numbers or two letters'],
    ['web:\n  hosts:\n    "":', 3, 5, 'the host name is empty'],
    ['web:\n  hosts:\n    h1:\n    h1:', 4, 5, 'a value cannot be read: the key h1 stands twice in one map'],
    ['web:\n  vars:\n    ansible_group_priority: high', 3, 5, 'ansible_group_priority is not a whole number'],
    ['web:\n  vars:\n    a: {[b]: 1}', 3, 9, 'a value cannot be read: a list cannot be a key'],
    ['plugin: aws_ec2\nregions: [x]', 1, 1, 'the file configures an inventory plugin of Ansible, which only Ansible can run'],
  ])('%j', (yaml, line, column, problem) => {
    const error = failureOf(() => read(yaml));
    expect(error).toMatchObject({ file: 'inv.yml', line, column, problem });
    expect(error.advice).toMatch(/^[A-Z`].*\.$/u);
  });

  it('have their place in JSON too', () => {
    const json = '{\n  "web": {\n    "hosts": ["h1"]\n  }\n}';
    expect(failureOf(() => readInventory(['inv.json'], memoryFiles({ 'inv.json': json })))).toMatchObject({ line: 3, column: 5 });
  });
});
