import { describe, expect, it } from 'vitest';
import { failureOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import type { InventoryFiles } from './inventory-files.ts';
import { readInventory } from './read-inventory.ts';

type Answers = Readonly<Record<string, unknown>>;

/** A program that gives these answers, by its arguments, and what it was asked. */
function program(answers: Answers): { files: InventoryFiles; asked: string[] } {
  const asked: string[] = [];
  const run: InventoryFiles['run'] = (path, args) => {
    if (path !== 'inv.py') return undefined;
    asked.push(args.join(' '));
    const answer = answers[args.join(' ')];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'string' ? answer : JSON.stringify(answer);
  };
  return { files: { ...memoryFiles({ 'inv.py': '#!/bin/sh', hosts: '[web]\nh9' }), run }, asked };
}

const read = (answers: Answers) => readInventory(['inv.py', 'hosts'], program(answers).files);

describe('an executable inventory', () => {
  it('gives groups, children, variables and hosts with _meta in one answer', () => {
    const { files, asked } = program({
      '--list': {
        web: { hosts: ['h1', 'h[1:2]'], vars: { v: 'web' }, children: ['sub'] },
        sub: ['h3'],
        _meta: { hostvars: { h1: { a: 1 }, ghost: { a: 2 } } },
      },
    });
    const inventory = readInventory(['inv.py', 'hosts'], files);
    expect(asked).toEqual(['--list']);
    expect(inventory.hosts).toEqual(['h1', 'h[1:2]', 'h3', 'h9']);
    expect(inventory.hostsInGroup('web')).toEqual(['h1', 'h[1:2]', 'h9', 'h3']);
    expect(Object.fromEntries(inventory.varsOf('h1'))).toEqual({ v: 'web', a: 1 });
    expect(Object.fromEntries(inventory.varsOf('h3'))).toEqual({ v: 'web' });
  });

  it('is asked for each host where there is no _meta', () => {
    const { files, asked } = program({ '--list': { web: ['h1', 'h2'] }, '--host h1': { a: 1 }, '--host h2': {} });
    const inventory = readInventory(['inv.py'], files);
    expect(asked).toEqual(['--list', '--host h1', '--host h2']);
    expect(inventory.varsOf('h1').get('a')).toBe(1);
  });

  it('may give an empty list for the variables of no host, as PHP writes an empty map', () => {
    expect(read({ '--list': { web: { vars: { v: 1 } }, _meta: { hostvars: [] } } }).hosts).toEqual(['h9']);
  });

  it('may name a host where a group stands', () => {
    const inventory = read({ '--list': { lone: { a: 1 }, _meta: { hostvars: {} } } });
    expect(inventory.hosts).toContain('lone');
    expect(inventory.varsOf('lone').get('a')).toBe(1);
  });

  it.each<[Answers, string]>([
    [
      { '--list': new Error('it ended with exit status 3: no token') },
      'the inventory program failed with --list: it ended with exit status 3: no token',
    ],
    [{ '--list': 'web: h1' }, 'what the inventory program printed for --list is not JSON'],
    [{ '--list': '' }, 'what the inventory program printed for --list is not JSON'],
    [{ '--list': [] }, 'the answer to --list must be a map'],
    [{ '--list': { web: 'h1' } }, 'hosts of the group web must be a list of names'],
    [{ '--list': { web: { hosts: [1] } } }, 'hosts of the group web must be a list of names'],
    [{ '--list': { web: { vars: [] } } }, 'vars of the group web must be a map'],
    [{ '--list': { web: { children: 'sub' } } }, 'children of the group web must be a list of names'],
    [{ '--list': { web: { children: [''] } } }, 'the name of a group is empty'],
    [{ '--list': { '': [] } }, 'the name of a group is empty'],
    [{ '--list': { web: { children: ['web'] } } }, 'group web cannot be a child of web: that would be a loop'],
    [{ '--list': { web: ['h1'], _meta: [] } }, '_meta must be a map'],
    [{ '--list': { web: ['h1'], _meta: { hostvars: [] } } }, '_meta.hostvars must be a map'],
    [{ '--list': { web: ['h1'], _meta: { hostvars: { h1: 1 } } } }, '_meta.hostvars of h1 must be a map'],
    [{ '--list': { web: ['h1'] }, '--host h1': new Error('killed') }, 'the inventory program failed with --host h1: killed'],
    [{ '--list': { web: ['h1'] }, '--host h1': [] }, 'the answer to --host h1 must be a map'],
  ])('%j is refused', (answers, problem) => {
    expect(failureOf(() => read(answers))).toMatchObject({ file: 'inv.py', problem });
  });

  it('that may not be executed is told so', () => {
    const files = memoryFiles({ 'inv.py': '#!/usr/bin/python3\nimport json\n', ini: '#! a note\nh1' });
    expect(failureOf(() => readInventory(['inv.py'], files))).toMatchObject({
      line: 1,
      problem: 'the file begins with #! and may not be executed',
    });
    expect(readInventory(['ini'], files).hosts).toEqual(['h1']);
  });
});
