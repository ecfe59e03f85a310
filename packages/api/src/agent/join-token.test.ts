import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeJoinToken, encodeJoinToken, type JoinTokenContent } from './join-token.ts';

const example: JoinTokenContent = {
  name: 'web1',
  secret: 'c2VjcmV0',
  caFingerprint: 'ab'.repeat(32),
  servers: ['10.0.0.1:7421', '[2001:db8::1]:7421'],
};

const contents: fc.Arbitrary<JoinTokenContent> = fc.record({
  name: fc.string({ unit: 'grapheme' }),
  secret: fc.string({ unit: 'grapheme' }),
  caFingerprint: fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 }).map((digits) => digits.join('')),
  servers: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 }),
});

/** A token of any JSON value, made as the real ones are. */
const tokenOf = (value: unknown): string => `muster1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

describe('a join token', () => {
  it('comes back as it was, whatever it carries', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(decodeJoinToken(encodeJoinToken(content))).toEqual(content);
      }),
    );
  });

  it('is one word that no shell, YAML or e-mail changes', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(encodeJoinToken(content)).toMatch(/^muster1\.[A-Za-z0-9_-]+$/u);
      }),
    );
  });

  it('that was cut short, or had something put in, is none', () => {
    const token = encodeJoinToken(example);
    fc.assert(
      fc.property(fc.nat(token.length - 1), (length) => {
        expect(decodeJoinToken(token.slice(0, length))).toBeUndefined();
      }),
    );
    expect(decodeJoinToken(`${token.slice(0, 20)}!${token.slice(20)}`)).toBeUndefined();
  });

  it('with a changed character is none, or differs: it never passes for the original', () => {
    const token = encodeJoinToken(example);
    // The last character carries bits that mean nothing, and a base64 decoder passes over white space.
    for (const character of 'ABCxyz019-_.= ')
      if (!token.endsWith(character)) expect(decodeJoinToken(token.slice(0, -1) + character)).toBeUndefined();
    expect(decodeJoinToken(`${token} `)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.= '), (index, character) => {
        const damaged = token.slice(0, index) + character + token.slice(index + 1);
        const decoded = decodeJoinToken(damaged);
        expect(damaged === token || JSON.stringify(decoded) !== JSON.stringify(example)).toBe(true);
      }),
    );
  });

  it.each([
    ['another kind', 'muster2.abc'],
    ['no prefix', encodeJoinToken(example).slice('muster1.'.length)],
    ['nothing', ''],
    ['only the prefix', 'muster1.'],
    ['no list', tokenOf({ name: 'web1' })],
    ['too short a list', tokenOf(['web1', 's', example.caFingerprint])],
    ['too long a list', tokenOf(['web1', 's', example.caFingerprint, ['a:1'], 1])],
    ['a name that is none', tokenOf([1, 's', example.caFingerprint, ['a:1']])],
    ['a secret that is none', tokenOf(['web1', null, example.caFingerprint, ['a:1']])],
    ['a short fingerprint', tokenOf(['web1', 's', 'abcd', ['a:1']])],
    ['a fingerprint in capitals', tokenOf(['web1', 's', 'AB'.repeat(32), ['a:1']])],
    ['no server', tokenOf(['web1', 's', example.caFingerprint, []])],
    ['a server that is none', tokenOf(['web1', 's', example.caFingerprint, ['a:1', 2]])],
    ['servers that are no list', tokenOf(['web1', 's', example.caFingerprint, 'a:1'])],
    ['bytes that are no UTF-8', `muster1.${Buffer.from('["web\xff"]', 'latin1').toString('base64url')}`],
  ])('is not: %s', (_what, token) => expect(decodeJoinToken(token)).toBeUndefined());

  it('never throws, whatever is taken for one', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeJoinToken(`muster1.${text}`)).not.toThrow();
      }),
    );
  });
});
