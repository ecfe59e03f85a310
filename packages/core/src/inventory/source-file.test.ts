import { describe, expect, it } from 'vitest';
import { failureOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import { readInventory } from './read-inventory.ts';

const hostsOf = (name: string, text: string) => readInventory([name], memoryFiles({ [name]: text })).hosts;
const yaml = 'all:\n  hosts:\n    h1:\n';
const json = '{"all": {"hosts": {"h1": {"a": 1}}}}';
const ini = '[web]\nh1\n';

describe('the form of an inventory file', () => {
  it.each([
    ['hosts', yaml],
    ['hosts', json],
    ['hosts', ini],
    ['hosts.yml', yaml],
    ['hosts.yaml', yaml],
    ['hosts.json', json],
    ['hosts.json', yaml],
    ['hosts.yml', ini],
    ['hosts.ini', ini],
    ['hosts.toml', ini],
    ['a.yml/hosts.ini', ini],
    ['a.b/hosts', yaml],
  ])('of %s is told by name and content', (name, text) => expect(hostsOf(name, text)).toEqual(['h1']));

  it('is INI for an empty file, and a lone line with a colon', () => {
    expect(hostsOf('hosts.yml', '# nobody\n')).toEqual([]);
    expect(hostsOf('hosts', `h1 a="{'x': 1}"`)).toEqual(['h1']);
  });

  it.each([
    ['hosts.ini', yaml, { line: 1, problem: 'the host name ends with a colon' }],
    ['hosts', 'all:\n  hosts: [\n', { problem: expect.stringContaining('not valid YAML') as string }],
    ['hosts.yml', 'web h1\n\tx: [', { problem: expect.stringContaining('not valid YAML') as string }],
    ['hosts.yml', '- h1\n- h2', { line: 1, column: 1, problem: 'the inventory is not a map of groups' }],
    ['hosts', '{"all":"h1"}', { line: 1, column: 2, problem: 'the group all is no map of hosts, children and vars' }],
    ['hosts.yml', '{}', { line: 1, column: 1, problem: 'the inventory is not a map of groups' }],
    ['hosts', 'h1\nh2 x', { line: 2, problem: 'expected key=value after the host name' }],
  ])('decides which complaint about %s %j helps', (name, text, expected) => {
    expect(failureOf(() => hostsOf(name, text))).toMatchObject({ file: name, ...expected });
  });
});

describe('names with commas between', () => {
  it('are hosts of no group, and a known one stays as it is', () => {
    const inventory = readInventory(
      ['hosts', 'h1:22, h2:2222,10.0.0.1,::1,'],
      memoryFiles({ hosts: '[web]\nh1', 'group_vars/all.yml': 'a: 1' }),
    );
    expect(inventory.hosts).toEqual(['h1', 'h2', '10.0.0.1', '::1']);
    expect(Object.fromEntries(inventory.varsOf('h1'))).toEqual({ a: 1 });
    expect(Object.fromEntries(inventory.varsOf('h2'))).toEqual({ a: 1, ansible_port: 2222 });
    expect(inventory.hostsInGroup('ungrouped')).toEqual(['h2', '10.0.0.1', '::1']);
  });

  it('are a file where there is one', () => {
    expect(hostsOf('a,b.ini', 'h1')).toEqual(['h1']);
  });

  it('have no ranges and no variables beside them', () => {
    expect(failureOf(() => readInventory(['h[1:3],'], memoryFiles({}))).problem).toContain('holds no ranges');
    expect(readInventory(['h1,'], memoryFiles({ 'host_vars/h1.yml': 'a: 1' })).varsOf('h1').size).toBe(0);
  });
});
