import { describe, expect, it } from 'vitest';
import { didYouMean, suggestName } from './suggest-name.ts';
import { numbered } from './test/range-fixtures.ts';

describe('the name that was meant', () => {
  it.each([
    ['nod05', 'node05'],
    ['node5', 'node05'],
    ['noed05', 'node05'],
    ['Node05', 'node05'],
    ['bode05', 'node05'],
    ['node05x', 'node05'],
    ['rak1', 'rack1'],
    ['gpuu', 'gpu'],
    ['something', undefined],
    ['', undefined],
  ])('%s among a few: %s', (word, meant) => {
    expect(suggestName(word, ['rack1', 'gpu', 'node05'])).toBe(meant);
  });

  const many = ['rack1', ...numbered('node', 1, 100_000, 6)];
  it.each([
    ['nod050000', 'node050000'],
    ['node05000', 'node005000'],
    ['noed050000', 'node050000'],
    ['mode099999', 'node099999'],
    ['NODE000007', undefined],
    ['rackk1', 'rack1'],
    ['else', undefined],
  ])('%s among very many: %s', (word, meant) => {
    expect(suggestName(word, many)).toBe(meant);
  });

  it('is not looked for when the word is no name', () => {
    expect(suggestName('a'.repeat(1000), ['a'.repeat(999)])).toBeUndefined();
  });

  it('is told as a question', () => {
    expect(didYouMean('node05', 'Look.')).toBe('Did you mean node05?');
    expect(didYouMean(undefined, 'Look.')).toBe('Look.');
  });
});
