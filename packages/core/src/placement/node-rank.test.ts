import { expect, it } from 'vitest';
import { nodeRank } from './node-rank.ts';

it('is the same every time, and tells nodes and members apart', () => {
  expect(nodeRank('n1', 'a')).toBe(nodeRank('n1', 'a'));
  expect(nodeRank('n1', 'a')).not.toBe(nodeRank('n1', 'b'));
  expect(nodeRank('n1', 'a')).not.toBe(nodeRank('n2', 'a'));
  expect(nodeRank('n', '1a')).not.toBe(nodeRank('n1', 'a'));
});

it('puts each of three members first about as often', () => {
  const wins = new Map<string, number>();
  for (let index = 0; index < 3000; index += 1) {
    const [best = ''] = ['member-1', 'member-2', 'member-3'].toSorted((a, b) => nodeRank(`node${index}`, b) - nodeRank(`node${index}`, a));
    wins.set(best, (wins.get(best) ?? 0) + 1);
  }
  expect(Math.min(...wins.values())).toBeGreaterThan(900);
});
