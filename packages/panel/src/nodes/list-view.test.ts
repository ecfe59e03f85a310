import { describe, expect, it } from 'vitest';
import {
  hasFilters,
  nodeQueryOf,
  readListView,
  sortKeysOf,
  withFilter,
  withRange,
  withoutFilters,
  withSort,
  withSortClick,
  writeListView,
} from './list-view.ts';

const read = (search: string) => readListView(new URLSearchParams(search));

describe('the address of a list', () => {
  it('is empty for the list as it usually is', () => {
    expect(read('')).toEqual({ sort: 'name', filters: {}, range: '' });
    expect(writeListView(read('')).toString()).toBe('');
  });

  it('carries everything there and back', () => {
    const search = 'name=web&health=bad%2Cdegraded&cores=%3E%3D32&label.rack=a&range=web%5B01-08%5D%2C-web03&sort=-memoryBytes%2Cname';
    expect(writeListView(read(search)).toString()).toBe(search);
  });

  it('leaves values to the server, which names the good ones', () => {
    expect(read('sort=colour&health=fine')).toMatchObject({ sort: 'colour', filters: { health: 'fine' } });
  });

  it('ignores what it does not know and what is blank', () => expect(read('evil=1&name=%20')).toEqual(read('')));
});

describe('filters', () => {
  const view = read('name=web');

  it('are added, changed and taken away', () => {
    expect(withFilter(view, 'health', ' bad ').filters).toEqual({ name: 'web', health: 'bad' });
    expect(withFilter(view, 'name', '  ').filters).toEqual({});
    expect(hasFilters(withoutFilters(view))).toBe(false);
    expect(hasFilters(view)).toBe(true);
    expect(hasFilters(withRange(read(''), ' rack1 '))).toBe(true);
  });
});

describe('a click on a column', () => {
  it.each([
    ['name', 'cores', false, 'cores'],
    ['cores', 'cores', false, '-cores'],
    ['-cores', 'cores', false, 'cores'],
    ['health,cores', 'cores', false, 'cores'],
    ['health,cores', 'health', false, '-health'],
    ['health', 'cores', true, 'health,cores'],
    ['health,cores', 'cores', true, 'health,-cores'],
    ['health,-cores', 'cores', true, 'health'],
    ['-cores', 'cores', true, 'name'],
  ])('sorts %s by %s (with others: %s) into %s', (sort, key, isAdded, expected) => {
    expect(withSortClick({ sort, filters: {}, range: '' }, key, isAdded).sort).toBe(expected);
  });

  it('keeps the filters', () =>
    expect(withSort(read('name=web'), 'cores', true)).toEqual({ sort: '-cores', filters: { name: 'web' }, range: '' }));
});

it('asks the server for what the view shows', () => {
  expect(nodeQueryOf(read('name=a:b&sort=-health'))).toEqual({ sort: '-health', filter: ['name:a:b'] });
  expect(nodeQueryOf(read('range=rack1'))).toEqual({ sort: 'name', filter: [], range: 'rack1' });
});

it('reads all keys of the order', () => {
  expect(sortKeysOf(read('sort=-health,name'))).toEqual([
    { key: 'health', isDescending: true },
    { key: 'name', isDescending: false },
  ]);
});
