import { nodeFilterKeys, nodeSortKeys } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNodeQuery } from './parse-node-query.ts';

const errorsOf = (sort: string, filter: string[]) => {
  const parsed = parseNodeQuery(sort, filter);
  return parsed.ok ? [] : parsed.errors;
};

describe('the order of a list of nodes', () => {
  it('takes every key of the wire, up and down', () => {
    for (const key of nodeSortKeys) {
      expect(parseNodeQuery(key, [])).toEqual({ ok: true, sort: [{ key, descending: false }], filters: [] });
      expect(parseNodeQuery(`-${key}`, [])).toEqual({ ok: true, sort: [{ key, descending: true }], filters: [] });
    }
  });

  it('takes several keys in their order, with blanks between', () => {
    const parsed = parseNodeQuery('health, -name', []);
    expect(parsed).toMatchObject({
      sort: [
        { key: 'health', descending: false },
        { key: 'name', descending: true },
      ],
    });
  });

  it.each(['', 'hostname', '--name', 'name,', 'Name', 'toString', '__proto__'])('refuses %j and names the good keys', (sort) => {
    const [error] = errorsOf(sort, []);
    expect(error?.path).toBe('sort');
    expect(error?.message).toContain(`good keys: ${nodeSortKeys.join(', ')}`);
  });
});

describe('the filters of a list of nodes', () => {
  it('take every key of the wire', () => {
    const values: Record<string, string> = { registration: 'pending', health: 'bad', environments: 'on', connected: 'true' };
    for (const key of nodeFilterKeys) {
      const value = values[key] ?? 'web';
      expect(parseNodeQuery('name', [`${key}:${value}`])).toMatchObject({ ok: true, filters: [{ key, value }] });
    }
  });

  it('leave colons in the value alone', () => {
    expect(parseNodeQuery('name', ['privateIp:2001:db8::1'])).toMatchObject({ filters: [{ key: 'privateIp', value: '2001:db8::1' }] });
  });

  it.each([
    { filter: 'colour:red', message: `good keys: ${nodeFilterKeys.join(', ')}` },
    { filter: 'constructor:x', message: 'is not a key to filter by' },
    { filter: 'name', message: 'good ones: name:VALUE' },
    { filter: 'name:', message: 'good ones: name:VALUE' },
    { filter: 'health:fine', message: 'good ones: health:good, health:degraded, health:bad, health:unknown' },
    { filter: 'connected:yes', message: 'good ones: connected:true, connected:false' },
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

  it('never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (sort, filter) => {
        const parsed = parseNodeQuery(sort, filter);
        expect(parsed.ok || parsed.errors.length > 0).toBe(true);
      }),
    );
  });
});
