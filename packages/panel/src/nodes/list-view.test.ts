import { describe, expect, it } from 'vitest';
import { lastPage, nodeQueryOf, readListView, sortOf, withFilter, withoutFilters, withSort, writeListView } from './list-view.ts';

const read = (search: string) => readListView(new URLSearchParams(search));

describe('the address of a list', () => {
  it('is empty for the list as it usually is', () => {
    expect(read('')).toEqual({ sort: 'name', filters: {}, page: 1, perPage: 50 });
    expect(writeListView(read('')).toString()).toBe('');
  });

  it('carries everything there and back', () => {
    const search = 'name=web&health=bad&registration=registered&sort=-memoryBytes&page=3&perPage=25';
    expect(writeListView(read(search)).toString()).toBe(
      search.replace('health=bad&registration=registered', 'health=bad&registration=registered'),
    );
    expect(read(writeListView(read(search)).toString())).toEqual(read(search));
  });

  it.each(['page=0', 'page=-1', 'page=1.5', 'page=x', 'page=', 'perPage=7', 'perPage=9999'])('takes %s for the usual', (search) => {
    expect(read(search)).toEqual(read(''));
  });

  it('leaves values to the server, which names the good ones', () => {
    expect(read('sort=colour&health=fine')).toMatchObject({ sort: 'colour', filters: { health: 'fine' } });
  });

  it('ignores what it does not know and what is blank', () => expect(read('evil=1&name=%20')).toEqual(read('')));
});

describe('changes', () => {
  const view = read('name=web&page=4');

  it('go back to the first page', () => {
    expect(withSort(view, 'cores', true)).toEqual({ ...view, sort: '-cores', page: 1 });
    expect(withFilter(view, 'health', 'bad')).toEqual({ ...view, filters: { name: 'web', health: 'bad' }, page: 1 });
    expect(withoutFilters(view)).toEqual({ ...view, filters: {}, page: 1 });
  });

  it('take a filter away when its value is empty', () => expect(withFilter(view, 'name', '  ').filters).toEqual({}));
});

it('asks the server for the page', () => {
  expect(nodeQueryOf(read('name=a:b&page=3&perPage=25&sort=-health'))).toEqual({
    sort: '-health',
    filter: ['name:a:b'],
    limit: 25,
    offset: 50,
  });
});

it('reads the sort of the first key', () => {
  expect(sortOf(read('sort=-health,name'))).toEqual({ key: 'health', isDescending: true });
  expect(sortOf(read(''))).toEqual({ key: 'name', isDescending: false });
});

it.each([
  [0, 50, 1],
  [1, 50, 1],
  [50, 50, 1],
  [51, 50, 2],
  [101, 25, 5],
])('of %d nodes at %d a page, the last page is %d', (total, perPage, last) => {
  expect(lastPage(total, perPage)).toBe(last);
});
