import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextPattern } from './text-pattern.ts';

class Refused extends Error {}
const refuse = (_offset: number, _length: number, problem: string): Error => new Refused(problem);

const letter = fc.constantFrom('a', 'b', '1', '-', '_', ' ', '\n');
const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-', '_', ' ', '\n', '.', '\u2028'), maxLength: 8 });

const atom = fc.oneof(
  letter,
  fc.constantFrom('.', String.raw`\d`, String.raw`\D`, String.raw`\w`, String.raw`\W`, String.raw`\s`, String.raw`\S`, String.raw`\.`),
  fc.constantFrom('[ab]', '[^a]', '[a-c]', String.raw`[\d_]`, String.raw`[^\w]`, '[-a]', '[a-]', '[.]', String.raw`[^\s\-]`),
);
const repetition = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '{2,}', '{0}', '*?', '+?');

/** Expressions of the subset; small, since the engine they are compared with may backtrack. */
const { pattern } = fc.letrec<{ pattern: string; piece: string; sequence: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    tie('sequence'),
    fc.tuple(tie('sequence'), tie('sequence')).map((options) => options.join('|')),
  ),
  sequence: fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
  piece: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(atom, repetition).map((parts) => parts.join('')),
    fc.constantFrom('^', '$'),
    fc.tuple(fc.constantFrom('(', '(?:'), tie('pattern'), repetition).map(([open, body, times]) => `${open}${body})${times}`),
  ),
}));

describe('a pattern of the subset', () => {
  it('matches whole texts as the regular expressions of the language do', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
        const matches = new TextPattern(source, 'whole', refuse).matcher();
        const peer = new RegExp(`^(?:${source})$`);
        for (const one of texts) expect([source, one, matches(one)]).toEqual([source, one, peer.test(one)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds what they find', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
        const matches = new TextPattern(source, 'part', refuse).matcher();
        const peer = new RegExp(source);
        for (const one of texts) expect([source, one, matches(one)]).toEqual([source, one, peer.test(one)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('answers for any code unit as they do', () => {
    const classes = [String.raw`\d`, String.raw`\D`, String.raw`\w`, String.raw`\W`, String.raw`\s`, String.raw`\S`, '.', '[^a-f]'];
    for (const source of classes) {
      const matches = new TextPattern(source, 'whole', refuse).matcher();
      const peer = new RegExp(`^${source}$`);
      const differing = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
        (one) => matches(one) !== peer.test(one),
      );
      expect([source, differing]).toEqual([source, []]);
    }
  });
});

describe('any text as a pattern', () => {
  const soup = fc
    .array(
      fc.oneof(fc.constantFrom(...'()[]{}|*+?^$.\\-,0123ab', '(?:', '(?=', '{1,2}', String.raw`\d`, '[^'), fc.string({ maxLength: 2 })),
      {
        maxLength: 20,
      },
    )
    .map((parts) => parts.join(''));

  it('is understood as the language understands it, or refused', () => {
    let understood = 0;
    fc.assert(
      fc.property(soup, text, (source, one) => {
        let matches: (text: string) => boolean;
        try {
          matches = new TextPattern(source, 'part', refuse).matcher();
        } catch (error) {
          expect(error).toBeInstanceOf(Refused);
          return;
        }
        understood++;
        expect([source, one, matches(one)]).toEqual([source, one, new RegExp(source).test(one)]);
      }),
      { numRuns: 2000 },
    );
    expect(understood).toBeGreaterThan(100);
  });
});
