import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddresses, commonNameOf, isHostName, requireHostName } from './names.ts';

describe('host names', () => {
  it.each(['a', 'worker1', '0', 'a-b.c-d', 'a'.repeat(63), `${'a'.repeat(63)}.b`])('%s is one', (name) => {
    expect(isHostName(name)).toBe(true);
  });

  it.each(['', '-a', 'a-', 'a..b', '.a', 'a.', 'A', 'a_b', '*.a', 'ä', 'a\n', 'a\u0000', 'a'.repeat(64)])('%j is none', (name) => {
    expect(isHostName(name)).toBe(false);
    expect(() => requireHostName(name, 'the name of a node')).toThrow(expect.objectContaining({ code: 'invalid-name' }));
  });

  it('of any length are judged in no time', () => {
    expect(isHostName('a-'.repeat(5_000_000))).toBe(false);
  });
});

describe('a common name', () => {
  it('is the name itself, or the first label of one that is too long', () => {
    expect(commonNameOf('worker1.example.org')).toBe('worker1.example.org');
    expect(commonNameOf('a'.repeat(63))).toBe('a'.repeat(63));
    expect(commonNameOf(`${'a'.repeat(60)}.org`)).toBe(`${'a'.repeat(60)}.org`);
    expect(commonNameOf(`${'a'.repeat(60)}.orgs`)).toBe('a'.repeat(60));
  });

  it('has at most 64 characters (RFC 5280)', () => {
    expect(() =>
      fc.assert(fc.property(fc.domain(), (name) => commonNameOf(name).length <= 64 && name.startsWith(commonNameOf(name)))),
    ).not.toThrow();
  });
});

describe('addresses', () => {
  it('are in one spelling each, each once', () => {
    expect(canonicalAddresses(['10.0.0.1', 'FD00::0005', 'fd00:0:0:0:0:0:0:5', '10.0.0.1', '::ffff:10.0.0.1'])).toEqual([
      '10.0.0.1',
      'fd00::5',
      '::ffff:a00:1',
    ]);
  });

  it('stay the addresses they were', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    expect(() =>
      fc.assert(
        fc.property(groups, (numbers) => {
          const address = numbers.map((number) => number.toString(16)).join(':');
          const [canonical, ...rest] = canonicalAddresses([address]);
          return rest.length === 0 && canonical !== undefined && isIPv6(canonical) && canonicalAddresses([canonical, address]).length === 1;
        }),
      ),
    ).not.toThrow();
  });

  it.each(['', '10.0.0.1/8', 'fe80::1%eth0', '1.2.3', '01.2.3.4', 'host', '[::1]', ' ::1'])('%j is none', (address) => {
    expect(() => canonicalAddresses([address])).toThrow(expect.objectContaining({ code: 'invalid-address' }));
  });
});
