import { readInventory } from '@muster/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withHostsIn } from './group-lines.ts';

describe('hosts that are put into a group of an inventory', () => {
  it.each([
    ['of an empty file make a section', '', '[management]\nm1\nm2\n'],
    ['make a section at the end', '[worker]\nn1\n', '[worker]\nn1\n\n[management]\nm1\nm2\n'],
    ['make one also where the last line has no end', '[worker]\nn1', '[worker]\nn1\n\n[management]\nm1\nm2\n'],
    [
      'come after the last host of the section, before its blank lines',
      '[management] # two of them\nm0\n\n[worker]\nn1\n',
      '[management] # two of them\nm0\nm1\nm2\n\n[worker]\nn1\n',
    ],
    ['come first in a section without hosts', '[management]\n\n[worker]\nn1\n', '[management]\nm1\nm2\n\n[worker]\nn1\n'],
    [
      'are not put among variables or groups of the same name',
      '[management:vars]\na=1\n',
      '[management:vars]\na=1\n\n[management]\nm1\nm2\n',
    ],
  ])('%s', (_what, before, after) => expect(withHostsIn(before, 'management', ['m1', 'm2'])).toBe(after));

  it('are in that group then, and nothing else is otherwise', () => {
    const section = fc.constantFrom(
      '[management]\nm0\n',
      '[worker]\nn1 a=1 # x\nn2\n',
      '[worker:vars]\nb=2\n',
      '\n# a remark\n',
      '[witness]\n',
    );
    fc.assert(
      fc.property(fc.array(section, { maxLength: 6 }), (sections) => {
        const [before, after] = [sections.join(''), withHostsIn(sections.join(''), 'management', ['m7'])].map(groupsOf);
        expect(after).toEqual({ ...before, management: [...(before?.['management'] ?? []), 'm7'] });
      }),
    );
  });
});

/** The hosts of each group, without those that hold every host. */
function groupsOf(text: string): Record<string, string[]> {
  const files = { read: (path: string) => (path === 'inv' ? `[worker]\nn9\n${text}` : undefined), list: () => undefined };
  const inventory = readInventory(['inv'], files, {});
  const names = [...inventory.groups.keys()].filter((name) => name !== 'all' && name !== 'ungrouped');
  return Object.fromEntries(names.map((name) => [name, [...inventory.hostsInGroup(name)].toSorted()]));
}
