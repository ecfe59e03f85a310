import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyMakers } from '../test/authority-fixture.ts';
import { describeKey, judgeKey, keyTypeOf } from './key-type.ts';

const spki = (kind: keyof typeof keyMakers): Buffer => keyMakers[kind]().publicKey.export({ format: 'der', type: 'spki' });

describe('a key', () => {
  it.each([
    ['p256', 'P-256'],
    ['p384', 'P-384'],
  ] as const)('on %s is accepted', (kind, keyType) => {
    expect(judgeKey(spki(kind))).toEqual({ ok: true, keyType });
  });

  it.each(['rsa1024', 'rsa2048', 'p192', 'secp256k1', 'p521', 'ed25519', 'explicitP256'] as const)('of kind %s is refused', (kind) => {
    expect(judgeKey(spki(kind))).toMatchObject({ ok: false });
  });

  it('is refused when its point is not on the curve', () => {
    const der = spki('p256');
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    expect(judgeKey(der)).toEqual({ ok: false, why: 'cannot be read' });
  });

  it('is refused when something follows it', () => {
    expect(judgeKey(Buffer.concat([spki('p256'), Buffer.from([0])]))).toMatchObject({ ok: false });
  });

  it('is described in words', () => {
    expect(describeKey(generateKeyPairSync('x25519').publicKey)).toBe('X25519');
    expect(describeKey(keyMakers.rsa1024().publicKey)).toBe('RSA with 1024 bits');
    expect(keyTypeOf(keyMakers.p521().publicKey)).toBeUndefined();
  });

  it('of any bytes is judged, never worse', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !judgeKey(bytes).ok),
        { numRuns: 1000 },
      ),
    ).not.toThrow();
  });
});
