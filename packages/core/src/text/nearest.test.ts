import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const keys = ['dataDir', 'http.port', 'http.host', 'agents.port', 'log.level'];

describe('the nearest known word', () => {
  it.each([
    ['dataDri', 'dataDir'],
    ['datadir', 'dataDir'],
    ['http.prot', 'http.port'],
    ['HTTP.PORT', 'http.port'],
    ['agent.port', 'agents.port'],
    ['log.levels', 'log.level'],
  ])('to %s is %s', (word, known) => expect(nearest(word, keys)).toBe(known));

  it.each(['colour', 'x', '', 'database.url'])('to %j is none', (word) => expect(nearest(word, keys)).toBeUndefined());

  it('is not one that shares no letter', () => {
    expect(nearest('ab', ['cd'])).toBeUndefined();
    expect(nearest('up', ['us'])).toBe('us');
    expect(nearest('a', [])).toBeUndefined();
  });

  it('is the first of two that are as near', () => expect(nearest('aac', ['aab', 'aad'])).toBe('aab'));

  it('is the word itself where it is known', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.string({ minLength: 1 })), (word, others) => {
        expect(nearest(word, [word, ...others.filter((other) => other.toLowerCase() !== word.toLowerCase())])).toBe(word);
      }),
    );
  });

  it('is always one of those given', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (word, known) => {
        expect([...known, undefined]).toContain(nearest(word, known));
      }),
    );
  });
});
