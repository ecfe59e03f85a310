import { describe, expect, it } from 'vitest';
import { planGives, type Spread } from './plan-gives.ts';

const limits = { perGiver: 2, uploads: 3, mayGive: true };
const spread = (change: Partial<Spread>): Spread => ({
  waiting: ['a', 'b', 'c', 'd', 'e'],
  givers: new Map(),
  direct: new Set(),
  uploads: 0,
  ...change,
});

describe('who gives to whom', () => {
  it('is one upload while nobody has it', () => {
    expect(planGives(spread({}), limits)).toEqual([{ to: 'a' }]);
    expect(planGives(spread({ uploads: 1 }), limits)).toEqual([]);
  });

  it('is whoever has it, the least busy first, up to his limit', () => {
    const givers = new Map([
      ['x', 1],
      ['y', 0],
    ]);
    expect(planGives(spread({ givers }), limits)).toEqual([
      { to: 'a', from: 'y' },
      { to: 'b', from: 'x' },
      { to: 'c', from: 'y' },
    ]);
  });

  it('is the provisioner for hosts that no fellow reaches, within its own limit', () => {
    const plan = planGives(spread({ givers: new Map([['x', 2]]), direct: new Set(['b', 'd']), uploads: 2 }), limits);
    expect(plan).toEqual([{ to: 'b' }]);
  });

  it('is the provisioner for all where hosts may not give', () => {
    expect(planGives(spread({ givers: new Map([['x', 0]]) }), { ...limits, mayGive: false })).toEqual([
      { to: 'a' },
      { to: 'b' },
      { to: 'c' },
    ]);
  });

  it('reaches everybody, each once, in as many rounds as a tree of three branches has', () => {
    const everybody = Array.from({ length: 200 }, (_, at) => `h${at}`);
    const has: string[] = [];
    let rounds = 0;
    while (has.length < everybody.length) {
      const waiting = everybody.filter((host) => !has.includes(host));
      const plan = planGives(spread({ waiting, givers: new Map(has.map((host) => [host, 0])) }), limits);
      expect(new Set(plan.map(({ to }) => to)).size).toBe(plan.length);
      has.push(...plan.map(({ to }) => to));
      rounds += 1;
    }
    expect(rounds).toBe(1 + Math.ceil(Math.log(200) / Math.log(3)));
  });
});
