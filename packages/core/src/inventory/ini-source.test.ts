import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf } from '../../test/inventory-fixtures.ts';

const group = (ini: string, name: string) => inventoryOf(ini).groups.get(name);

describe('sections', () => {
  it('takes comments after a header and none of its look-alikes', () => {
    const inventory = inventoryOf('[a]#x\nh1\n [b]  # note\nh2\n[c:vars] # note\nv=1\n[c]\nh3');
    expect(inventory.hostsInGroup('a')).toEqual(['h1']);
    expect(inventory.hostsInGroup('b')).toEqual(['h2']);
    expect(inventory.varsOf('h3').get('v')).toBe(1);
  });

  it('adds up sections of one name', () => {
    expect(inventoryOf('[a]\nh1\n[b]\nh2\n[a:hosts]\nh3').hostsInGroup('a')).toEqual(['h1', 'h3']);
  });

  it('keeps dashes in group names', () => {
    expect(group('[gpu-nodes]\nh1', 'gpu-nodes')?.hosts).toEqual(['h1']);
  });

  it('keeps the order in which children were asked for, also of groups declared later', () => {
    const ini = '[top:children]\nb\na\n[z:children]\nb\n[a]\n[b]\n';
    expect(group(ini, 'top')?.children).toEqual(['a', 'b']);
    expect(group(ini, 'z')?.children).toEqual(['b']);
  });

  it('takes variables of a group that is declared later in the file', () => {
    expect(inventoryOf('[g:vars]\nv=1\n[g]\nh1').varsOf('h1').get('v')).toBe(1);
  });

  it("takes a comment after a child's name and # inside it", () => {
    expect(group('[p:children]\na # note\nb#c\n[a]\n[b#c]\n', 'p')?.children).toEqual(['a', 'b#c']);
  });
});

describe('variables', () => {
  it('takes everything after the first = of a :vars line, comments too', () => {
    const vars = inventoryOf('[g]\nh1\n[g:vars]\na = b=c # d\nn = 5 # five\n= 7\n').varsOf('h1');
    expect([...vars]).toEqual([
      ['a', 'b=c # d'],
      ['n', 5],
      ['', 7],
    ]);
  });

  it("gives every host of a range the line's variables", () => {
    const inventory = inventoryOf('w[1:2]:2200 a=1');
    expect([...inventory.varsOf('w2')]).toEqual([
      ['ansible_port', 2200],
      ['a', 1],
    ]);
  });

  it('ignores port 0 and a port of a host that is known', () => {
    const inventory = inventoryOf('h1:0\nh2\nh2:22');
    expect([...inventory.varsOf('h1'), ...inventory.varsOf('h2')]).toEqual([]);
  });
});

describe('complaints', () => {
  it.each([
    ['h1 a=1 ; note', 1, 8, 'expected key=value after the host name'],
    ['\n  h1 a = 1', 2, 6, 'expected key=value after the host name'],
    ["  h1 a='x", 1, 8, "a quote (') is opened and never closed"],
    ['[g]\n\th1 a\\', 2, 6, 'the line ends with a backslash'],
    ['[a b]', 1, 1, 'the section header is not valid'],
    ['[1:3]', 1, 4, 'the section has an unknown type'],
    ['[web:var]', 1, 6, 'the section has an unknown type'],
    ['[web] ; note', 1, 1, 'a range must be [begin:end] or [begin:end:step]'],
    ['[g]\n[g:vars]\nweb1', 3, 1, 'expected key=value'],
    ['[g:children]\na b', 2, 1, 'expected one group name'],
    ['[g:vars]\na=1', 1, 2, '[g:vars] sets variables of a group that does not exist'],
    ['[a:children]\nb\n[c:children]\nb\nd\n[d]', 2, 1, '[c:children] names a group that does not exist'],
    ['[a:children]\n  a', 2, 3, 'group a cannot be a child of a: that would be a loop'],
    ['[a:children]\nb\n[b:children]\na', 4, 1, 'group a cannot be a child of b: that would be a loop'],
    ['h1\nh2:', 2, 1, 'the host name ends with a colon'],
    ['h1\n---', 2, 1, '--- begins a YAML file, and this one is read as INI'],
    ["''", 1, 1, 'the host name is empty'],
    ['all', 1, 1, 'a host cannot be named all, the group of all hosts'],
    ['h1 w[1:200000]=1\nw[1:200000]', 2, 1, 'the range would make more than 100,000 hosts'],
    ['h1 a={{5}}', 1, 4, 'the value of a cannot be read: a set cannot be a key or a member of a set'],
    ['[g]\n[g:vars]\nansible_group_priority=high', 3, 24, 'ansible_group_priority is not a whole number'],
  ])('%j', (ini, line, column, problem) => {
    const error = failureOf(() => inventoryOf(ini));
    expect(error).toMatchObject({ file: 'hosts', line, column, problem });
    expect(error.message).toContain(`hosts:${line}:${column}: ${problem}`);
    expect(error.advice).toMatch(/^[A-Z`-].*\.$/u);
  });

  it('quotes the offending text', () => {
    expect(failureOf(() => inventoryOf('h1 abc')).message).toContain('("abc")');
    expect(failureOf(() => inventoryOf('h1 abc')).offending).toBe('abc');
  });

  it.each([
    'h1 ansible_become_pass=correct horse',
    'h1 api_token=x\nh2 k=1 convect_token=a hunter2',
    "h1 ansible_password='hunter2",
    '[g]\n[g:vars]\nansible_become_pass hunter2 x_password=1 =\nansible_password hunter2',
    'h1 my_secret="{{\'hunter2\'}}"',
  ])('never quotes what may be part of a secret: %s', (ini) => {
    expect(failureOf(() => inventoryOf(ini)).message).not.toMatch(/horse|hunter2/u);
  });
});
