import { describe, expect, it } from 'vitest';
import { jobOf, small } from '../../../test/elastic-world.ts';
import { elasticDefaults } from '../picture/elastic-defaults.ts';
import { shapeOf } from './job-shape.ts';
import { Stock } from './stock.ts';
import { rankTypes } from './type-table.ts';

const ranked = rankTypes([small, { ...small, name: 'second', features: ['x'], pricePerHourMicros: 5_000_000 }], 1);
const world = { ranked, config: { ...elasticDefaults, maxNodes: 99 }, pools: new Map() };
const plain = shapeOf(jobOf('a'), 0, world);
const asking = shapeOf(jobOf('b', { features: ['x'] }), 1, world);

describe('machines without work', () => {
  const rows = [
    { rank: 0, start: 10, end: 12 },
    { rank: 1, start: 12, end: 13 },
    { rank: 0, start: 13, end: 15 },
  ];
  const nodes = (taken: readonly { node: number }[]): number[] => taken.map(({ node }) => node);

  it('are taken row after row, each once, where the type may be had', () => {
    const stock = new Stock(rows);
    expect(nodes(stock.take(plain, 1))).toEqual([10]);
    expect(nodes(stock.take(asking, 2))).toEqual([12]);
    expect(stock.takeOne(asking)).toBe(null);
    expect(stock.takeOne(plain)).toEqual({ rank: 0, node: 11 });
    expect(nodes(stock.take(plain, 9))).toEqual([13, 14]);
    expect([stock.take(plain, 1), stock.takeOne(plain)]).toEqual([[], null]);
  });

  it('can be put back', () => {
    const stock = new Stock(rows);
    stock.take(plain, 1);
    stock.putBack(stock.take(plain, 4));
    expect(nodes(stock.take(plain, 9))).toEqual([11, 12, 13, 14]);
  });
});
