import { nodeFilterKeys, nodeSortKeys } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterKeys, nodeFields, sortKeys } from './node-fields.ts';
import { parseNodeQuery } from './parse-node-query.ts';

const errorsOf = (sort: string, filter: string[]) => {
  const parsed = parseNodeQuery(sort, filter);
  return parsed.ok ? [] : parsed.errors;
};
const filterOf = (filter: string) => {
  const parsed = parseNodeQuery('name', [filter]);
  return parsed.ok ? parsed.filters[0] : parsed.errors;
};

describe('the keys', () => {
  it('are those of the wire', () => {
    expect(sortKeys).toEqual(nodeSortKeys);
    expect(filterKeys.toSorted()).toEqual(nodeFilterKeys.toSorted());
  });
});

describe('the order of a list of nodes', () => {
  it('takes every key of the wire, up and down', () => {
    for (const key of nodeSortKeys) {
      expect(parseNodeQuery(key, [])).toEqual({ ok: true, sort: [{ key, descending: false }], filters: [] });
      expect(parseNodeQuery(`-${key}`, [])).toEqual({ ok: true, sort: [{ key, descending: true }], filters: [] });
    }
  });

  it('takes several keys in their order, with blanks between, and labels', () => {
    const parsed = parseNodeQuery('health, -name,-label.example.org/zone', []);
    expect(parsed).toMatchObject({
      sort: [
        { key: 'health', descending: false },
        { key: 'name', descending: true },
        { key: 'label.example.org/zone', descending: true },
      ],
    });
  });

  it.each(['', 'hostnam', '--name', 'name,', 'Name', 'toString', '__proto__', 'label.', 'group'])(
    'refuses %j and names the good keys',
    (sort) => {
      const [error] = errorsOf(sort, []);
      expect(error?.path).toBe('sort');
      expect(error?.message).toContain(`good keys: ${nodeSortKeys.join(', ')}, label.KEY`);
    },
  );
});

describe('the filters of a list of nodes', () => {
  it('take every key of the wire', () => {
    const values = { text: 'web', moment: '<now', number: '1', list: 'web' };
    for (const key of nodeFilterKeys) {
      const field = nodeFields[key === 'group' ? 'groups' : key];
      const value = field.kind === 'choice' ? field.choices.join(',') : values[field.kind];
      expect(parseNodeQuery('name', [`${key}:${value}`])).toMatchObject({ ok: true, filters: [{ kind: field.kind, key }] });
    }
  });

  it.each([
    ['privateIp:2001:db8::1', { kind: 'text', value: '2001:db8::1', whole: false }],
    ['name:=web1', { kind: 'text', value: 'web1', whole: true }],
    ['notes:=', { kind: 'text', value: '', whole: true }],
    ['health:bad, degraded', { kind: 'choice', values: ['bad', 'degraded'] }],
    ['maintenance:on', { kind: 'choice', values: ['on'] }],
    ['group:a,b', { kind: 'list', values: ['a', 'b'] }],
    ['cores:32', { kind: 'number', comparison: '=', value: 32 }],
    ['cores:>=32', { kind: 'number', comparison: '>=', value: 32 }],
    ['cores:!= 32', { kind: 'number', comparison: '!=', value: 32 }],
    ['clockSkewSeconds:<-0.5', { kind: 'number', comparison: '<', value: -0.5 }],
    ['memoryBytes:>=64GiB', { kind: 'number', comparison: '>=', value: 68_719_476_736 }],
    ['memoryBytes:>1.5T', { kind: 'number', comparison: '>', value: 1_649_267_441_664 }],
    ['heartbeatAgeSeconds:>5m', { kind: 'number', comparison: '>', value: 300 }],
    ['cores:none', { kind: 'none', key: 'cores' }],
    ['lastHeartbeatAt:none', { kind: 'none', key: 'lastHeartbeatAt' }],
    ['certificateExpiresAt:<now+30d', { kind: 'moment', comparison: '<', moment: { fromNowSeconds: 2_592_000 } }],
    ['createdAt:>=2026-01-01', { kind: 'moment', comparison: '>=', moment: { iso: '2026-01-01T00:00:00.000Z' } }],
    ['label.rack:a', { kind: 'label', label: 'rack', value: 'a' }],
    ['label.a.b/c:x:y', { kind: 'label', label: 'a.b/c', value: 'x:y' }],
    ['label.rack:', { kind: 'label', label: 'rack', value: '' }],
  ])('understand %s', (text, filter) => expect(filterOf(text)).toMatchObject(filter));

  it.each([
    { filter: 'colour:red', message: `good keys: ${filterKeys.join(', ')}, label.KEY` },
    { filter: 'constructor:x', message: 'is not a key to filter by' },
    { filter: 'groups:x', message: 'is not a key to filter by' },
    { filter: 'name', message: 'good ones: name:VALUE' },
    { filter: 'name:', message: 'good ones: name:VALUE' },
    { filter: 'label.rack', message: 'good ones: label.rack:VALUE' },
    { filter: 'label.:x', message: 'is not a key to filter by' },
    { filter: 'health:fine', message: 'good ones: health:bad, health:degraded, health:unknown, health:good' },
    { filter: 'health:bad,', message: 'good ones: health:bad' },
    { filter: 'connected:yes', message: 'good ones: connected:false, connected:true' },
    { filter: 'group:a,,b', message: 'good ones: group:VALUE' },
    { filter: 'cores:many', message: 'good ones: cores:32, cores:>=32' },
    { filter: 'cores:>', message: 'or cores:none' },
    { filter: 'cores:5m', message: 'good ones: cores:32' },
    { filter: 'cores:1e9', message: 'good ones: cores:32' },
    { filter: 'cores:=>4', message: 'good ones: cores:32' },
    { filter: 'memoryBytes:64GB', message: 'memoryBytes:>=64GiB' },
    { filter: 'createdAt:2026-01-01', message: 'createdAt:<2026-01-31' },
    { filter: 'createdAt:=2026-01-01', message: 'createdAt:<2026-01-31' },
    { filter: 'createdAt:<2026-02-30', message: 'createdAt:<2026-01-31' },
    { filter: '', message: '"" is not a key to filter by' },
  ])('refuse $filter and say what is good', ({ filter, message }) => {
    expect(errorsOf('name', [filter])).toEqual([{ path: 'filter', message: expect.stringContaining(message) }]);
  });

  it('tell everything that is wrong at once', () => {
    expect(errorsOf('size,weight', ['colour:red', 'health:bad', 'health:ill']).map((error) => error.path)).toEqual([
      'sort',
      'sort',
      'filter',
      'filter',
    ]);
  });

  it('have bounds', () => {
    expect(errorsOf(Array.from({ length: 17 }, () => 'name').join(','), [])).toMatchObject([
      { path: 'sort', message: 'at most 16 keys to sort by' },
    ]);
    expect(
      errorsOf(
        'name',
        Array.from({ length: 51 }, () => 'name:a'),
      ),
    ).toMatchObject([{ path: 'filter', message: 'at most 50 filters' }]);
  });

  it('never throw, whatever comes', () => {
    const word = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom(...filterKeys, 'label.x'), fc.string()).map((pair) => pair.join(':')),
    );
    fc.assert(
      fc.property(fc.string(), fc.array(word), (sort, filter) => {
        const parsed = parseNodeQuery(sort, filter);
        expect(parsed.ok || parsed.errors.length > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
