import { describe, expect, it } from 'vitest';
import { type Fellow, planGives, type Spread } from './plan-gives.ts';

const limits = { perGiver: 2, uploads: 3, mayGive: true };
/** Fellows that have all of it, and how busy each is. */
const whole = (busy: Readonly<Record<string, number>>): Map<string, Fellow> =>
  new Map(Object.entries(busy).map(([name, count]) => [name, { busy: count, isWhole: true }]));
const spread = (change: Partial<Spread>): Spread => ({
  waiting: ['a', 'b', 'c', 'd', 'e'],
  givers: new Map(),
  direct: new Set(),
  careful: new Set(),
  uploads: 0,
  ...change,
});

describe('who gives to whom', () => {
  it('is one upload while nobody has it', () => {
    expect(planGives(spread({}), limits)).toEqual([{ to: 'a' }]);
    expect(planGives(spread({ uploads: 1 }), limits)).toEqual([]);
  });

  it('is whoever has it, the least busy first, up to his limit', () => {
    expect(planGives(spread({ givers: whole({ x: 1, y: 0 }) }), limits)).toEqual([
      { to: 'a', from: 'y' },
      { to: 'b', from: 'x' },
      { to: 'c', from: 'y' },
    ]);
  });

  it('is the provisioner for hosts that no fellow reaches, within its own limit', () => {
    const plan = planGives(spread({ givers: whole({ x: 2 }), direct: new Set(['b', 'd']), uploads: 2 }), limits);
    expect(plan).toEqual([{ to: 'b' }]);
  });

  it('is the provisioner for all where hosts may not give', () => {
    expect(planGives(spread({ givers: whole({ x: 0 }) }), { ...limits, mayGive: false })).toEqual([{ to: 'a' }, { to: 'b' }, { to: 'c' }]);
  });

  it('is whoever is just getting it, to one each: the row grows while the first upload goes on', () => {
    const one = { ...limits, perGiver: 1 };
    const passing = (busy: number): Fellow => ({ busy, isWhole: false });
    expect(planGives(spread({ givers: new Map([['x', passing(0)]]), uploads: 1 }), one)).toEqual([{ to: 'a', from: 'x' }]);
    const row = new Map([
      ['x', passing(1)],
      ['y', passing(0)],
    ]);
    expect(planGives(spread({ givers: row, uploads: 1 }), one)).toEqual([{ to: 'a', from: 'y' }]);
  });

  it('is only somebody who has all of it for one that was left in the middle, and the provisioner where nobody has', () => {
    const careful = new Set(['a']);
    const passing = new Map<string, Fellow>([['x', { busy: 0, isWhole: false }]]);
    expect(planGives(spread({ waiting: ['a'], careful, givers: passing, uploads: 1 }), limits)).toEqual([]);
    expect(planGives(spread({ waiting: ['a'], careful, givers: passing }), limits)).toEqual([{ to: 'a' }]);
    const givers = new Map([...passing, ...whole({ y: 0 })]);
    expect(planGives(spread({ waiting: ['a', 'b'], careful, givers }), limits)).toEqual([
      { to: 'a', from: 'y' },
      { to: 'b', from: 'x' },
    ]);
  });

  it('reaches everybody, each once, in as many rounds as a tree of three branches has', () => {
    const everybody = Array.from({ length: 200 }, (_, at) => `h${at}`);
    const has: string[] = [];
    let rounds = 0;
    while (has.length < everybody.length) {
      const waiting = everybody.filter((host) => !has.includes(host));
      const plan = planGives(spread({ waiting, givers: whole(Object.fromEntries(has.map((host) => [host, 0]))) }), limits);
      expect(new Set(plan.map(({ to }) => to)).size).toBe(plan.length);
      has.push(...plan.map(({ to }) => to));
      rounds += 1;
    }
    expect(rounds).toBe(1 + Math.ceil(Math.log(200) / Math.log(3)));
  });
});
