import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openssl, TestFolder } from '../test/authority-fixture.ts';
import { bmpString, explicit, integer, objectIdentifier, octetString, sequence, setOf, time, unsignedInteger, utf16 } from './der.ts';

/** What openssl reads out of it. */
function parsed(der: Buffer): string {
  using folder = new TestFolder();
  return openssl(['asn1parse', '-inform', 'DER', '-in', folder.file('x.der', der)]).output;
}

describe('the writer of DER', () => {
  it.each([
    [0, '020100'],
    [1, '020101'],
    [127, '02017f'],
    [128, '02020080'],
    [255, '020200ff'],
    [256, '02020100'],
    [2 ** 53 - 1, '02071fffffffffffff'],
  ])('writes the integer %d as %s', (value, hex) => expect(integer(value).toString('hex')).toBe(hex));

  it('writes a number without leading zeros, and never as a negative one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), (bytes) => {
        const der = unsignedInteger(bytes);
        expect(BigInt(`0x${der.subarray(2).toString('hex')}`)).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
        expect(der[2]! < 0x80).toBe(true);
        expect(der.length > 3 && der[2] === 0 && der[3]! < 0x80).toBe(false);
      }),
    );
  });

  it.each(['1.2.840.10045.4.3.2', '2.5.29.20', '1.2.840.113549.1.12.10.1.2', '2.16.840.1.101.3.4.2.1'])(
    'writes the identifier %s',
    (oid) => {
      using folder = new TestFolder();
      const names = folder.file('names.cnf', '');
      const { output } = openssl(['asn1parse', '-inform', 'DER', '-oid', names, '-in', folder.file('x.der', objectIdentifier(oid))]);
      expect(output).toMatch(/OBJECT\s+:\S+/u);
      expect(openssl(['asn1parse', '-genstr', `OID:${oid}`, '-noout', '-out', folder.file('y.der', '')]).ok).toBe(true);
    },
  );

  it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000])('writes the length %d', (length) => {
    expect(parsed(sequence(octetString(Buffer.alloc(length, 7))))).toMatch(new RegExp(`l= *${length} prim: OCTET STRING`, 'u'));
  });

  it('writes moments as certificates have them', () => {
    expect(time(new Date('2049-12-31T23:59:59.999Z')).subarray(2).toString()).toBe('491231235959Z');
    expect(time(new Date('2050-01-01T00:00:00Z')).subarray(2).toString()).toBe('20500101000000Z');
  });

  it('sorts a set, and nests', () => {
    expect(setOf(integer(300), integer(2), integer(1)).toString('hex')).toBe(`310a0201010201020202012c`);
    expect(explicit(0, integer(1)).toString('hex')).toBe('a003020101');
    expect(bmpString('é€').toString('hex')).toBe('1e0400e920ac');
    expect(utf16('').length).toBe(0);
  });
});
