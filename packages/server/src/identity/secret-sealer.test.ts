import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StartError } from '../start-error.ts';
import { secretSealer } from './secret-sealer.ts';

const newKey = () => createSecretKey(randomBytes(32));
const sealer = secretSealer(newKey());

describe('a sealed secret', () => {
  it('opens to what it was, and looks different each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        const sealed = sealer.seal('webhook chat', secret);
        expect(sealer.open('webhook chat', sealed)).toBe(secret);
        expect(sealer.seal('webhook chat', secret)).not.toBe(sealed);
      }),
    );
  });

  it('opens for no other purpose and with no other key', () => {
    const sealed = sealer.seal('webhook chat', 'the secret');
    expect(() => sealer.open('webhook other', sealed)).toThrow(StartError);
    expect(() => secretSealer(newKey()).open('webhook chat', sealed)).toThrow(/cannot be opened/u);
  });

  it('is known when anything of it was changed, and the error does not quote it', () => {
    const sealed = sealer.seal('webhook chat', 'the secret');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'Q' : 'A'}${sealed.slice(at + 1)}`;
      if (
        Buffer.from(changed.split('.').at(-1) ?? '', 'base64url').equals(Buffer.from(sealed.split('.').at(-1) ?? '', 'base64url')) &&
        changed.split('.')[1] === sealed.split('.')[1] &&
        changed.startsWith('v1.')
      )
        continue;
      expect(() => sealer.open('webhook chat', changed), changed).toThrow(StartError);
    }
    for (const broken of ['', 'v1', 'v1..', 'v1.AAAA.AAAA', 'v2.a.b', '\u0000']) {
      expect(() => sealer.open('webhook chat', broken)).toThrow(/^A secret \(webhook chat\) cannot be opened/u);
    }
  });
});
