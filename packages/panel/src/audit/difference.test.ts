import { expect, it } from 'vitest';
import { differencesOf } from './difference.ts';

it('names what changed, and nothing else', () => {
  expect(
    differencesOf({ before: { name: 'a', groups: ['x'], notes: 'n' }, after: { name: 'a', groups: ['x', 'y'], extra: null } }),
  ).toEqual([
    { member: 'groups', before: '["x"]', after: '["x","y"]' },
    { member: 'notes', before: 'n', after: undefined },
    { member: 'extra', before: undefined, after: 'null' },
  ]);
});

it('of a record that came or went names all of it', () => {
  expect(differencesOf({ before: null, after: { name: 'a' } })).toEqual([{ member: 'name', before: undefined, after: 'a' }]);
  expect(differencesOf({ before: { name: 'a' }, after: null })).toHaveLength(1);
  expect(differencesOf({ before: null, after: null })).toEqual([]);
});
