import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, signedNode, type Signed } from '../test/authority-fixture.ts';
import { fingerprintOf, readPem, splitPemChain, writePem } from './pem.ts';
import { isTrustError } from './trust-error.ts';

let node: Signed;
beforeAll(async () => {
  node = await signedNode((await makeAuthority()).authority);
});

const refusal = expect.objectContaining({ code: 'pem-malformed' });

describe('PEM', () => {
  it('comes back as it was written', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (der) => {
          const [block, ...rest] = readPem(writePem('CERTIFICATE', der));
          return rest.length === 0 && block?.label === 'CERTIFICATE' && block.der.equals(Buffer.from(der));
        }),
      ),
    ).not.toThrow();
  });

  it('is written in lines of 64', () => {
    expect(
      writePem('X', Buffer.alloc(60))
        .split('\n')
        .map((line) => line.length),
    ).toEqual([17, 64, 16, 15, 0]);
  });

  it('of any text is read or refused, never worse', () => {
    const pieces = fc.constantFrom(
      '-----BEGIN ',
      '-----END ',
      '-----',
      'CERTIFICATE',
      'A',
      'AAAA',
      '=',
      '\n',
      ' ',
      '\u0000',
      'Proc-Type: 4,ENCRYPTED',
    );
    expect(() =>
      fc.assert(
        fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
          try {
            return readPem(list.join('')).length >= 0;
          } catch (error) {
            return isTrustError(error, 'pem-malformed');
          }
        }),
        { numRuns: 3000 },
      ),
    ).not.toThrow();
  });

  it('of many unfinished blocks takes no time', () => {
    expect(() => readPem('-----BEGIN CERTIFICATE-----\n'.repeat(200_000))).toThrow(refusal);
    expect(() => readPem(`-----BEGIN ${'A'.repeat(5_000_000)}`)).toThrow(refusal);
  });
});

describe('splitting a chain', () => {
  it('gives each certificate, whatever stands between and however lines end', () => {
    const commented = `subject=/CN=x\r\n${node.chainPem.replaceAll('\n', '\r\n')}\r\n# end`;
    expect(splitPemChain(commented)).toEqual(splitPemChain(node.chainPem));
    expect(splitPemChain(node.chainPem)).toHaveLength(2);
  });

  it('refuses what is no chain, above all a key in it', () => {
    for (const text of [
      '',
      'x',
      node.keyPem,
      node.chainPem + node.keyPem,
      node.chainPem.slice(0, -10),
      node.certificatePem.replace('M', '!'),
    ]) {
      expect(() => splitPemChain(text)).toThrow(refusal);
    }
    expect(() => splitPemChain(node.chainPem + node.keyPem)).toThrow('a PRIVATE KEY stands where only certificates are expected');
  });
});

describe('a fingerprint', () => {
  it('is the SHA-256 of one certificate', () => {
    expect(fingerprintOf(node.certificatePem)).toBe(
      new X509Certificate(node.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase(),
    );
    expect(() => fingerprintOf(node.chainPem)).toThrow(refusal);
    expect(() => fingerprintOf('')).toThrow(refusal);
  });
});
