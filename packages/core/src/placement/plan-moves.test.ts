import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveLimits, type MovePicture, planMoves } from './plan-moves.ts';

const steadyMs = moveLimits.steadyMs;
const active = (id: string, forMs = steadyMs) => ({ id, state: 'active' as const, steadyMs: forMs });
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${String(index).padStart(4, '0')}`);
const where = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries));

const picture = (parts: Partial<MovePicture>): MovePicture => ({
  members: [active('a'), active('b')],
  where: new Map(),
  placement: new Map(),
  underWay: new Set(),
  askedLastMinute: 0,
  ...parts,
});
const allAtB = (count: number) => ({
  where: new Map(names(count).map((id) => [id, 'b'])),
  placement: new Map(names(count).map((id) => [id, ['a', 'b']])),
});

describe('the plan of moves', () => {
  it('brings nodes to where they belong, and leaves those that are there', () => {
    const placement = new Map([
      ['n1', ['a', 'b']],
      ['n2', ['a', 'b']],
      ['n3', ['b', 'a']],
    ]);
    expect(planMoves(picture({ where: where({ n2: 'b', n1: 'a', n3: 'a' }), placement }))).toEqual({
      moves: [
        { nodeId: 'n2', from: 'b', to: 'a' },
        { nodeId: 'n3', from: 'a', to: 'b' },
      ],
      waiting: 0,
    });
  });

  it('asks so many at once, and so many a minute', () => {
    const { atOnce, perMinute } = moveLimits;
    expect(planMoves(picture(allAtB(200)))).toMatchObject({ waiting: 200 - atOnce });
    const underWay = new Set(names(20));
    const plan = planMoves(picture({ ...allAtB(200), underWay }));
    expect([plan.moves.length, plan.waiting]).toEqual([atOnce - 20, 200 - atOnce]);
    expect(plan.moves.some(({ nodeId }) => underWay.has(nodeId))).toBe(false);
    expect(planMoves(picture({ ...allAtB(200), askedLastMinute: perMinute - 3 })).moves).toHaveLength(3);
    expect(planMoves(picture({ ...allAtB(200), askedLastMinute: perMinute + 3 })).moves).toEqual([]);
  });

  it('waits for a member that has just come back, with everything that is not urgent', () => {
    const members = [active('a', steadyMs - 1), active('b'), active('c')];
    const placement = new Map([
      ['n1', ['a', 'b', 'c']],
      ['n2', ['c', 'b', 'a']],
    ]);
    const plan = planMoves(picture({ members, where: where({ n1: 'b', n2: 'b' }), placement }));
    expect(plan).toEqual({ moves: [], waiting: 2 });
    expect(
      planMoves(picture({ members: [active('a'), active('b'), active('c')], where: where({ n1: 'b', n2: 'b' }), placement })).moves,
    ).toHaveLength(2);
  });

  it('empties a draining member first, also while another has just come back, to those that are steady', () => {
    const members = [active('a', 0), active('b'), { id: 'd', state: 'draining' as const, steadyMs }];
    const placement = new Map(names(60).map((id) => [id, ['a', 'b', 'd']]));
    const at = new Map([...names(60)].map((id, index) => [id, index < 30 ? 'b' : 'd']));
    const plan = planMoves(picture({ members, where: at, placement }));
    expect(plan.moves).toHaveLength(30);
    expect(plan.moves.every(({ from, to }) => from === 'd' && to === 'b')).toBe(true);
    expect(plan.waiting).toBe(30);
  });

  it('gives what drains the whole of the limit before anything is evened out', () => {
    const members = [active('a'), active('b'), { id: 'd', state: 'draining' as const, steadyMs: 0 }];
    const placement = new Map(names(120).map((id) => [id, ['a', 'b', 'd']]));
    const at = new Map([...names(120)].map((id, index) => [id, index < 60 ? 'b' : 'd']));
    const { moves } = planMoves(picture({ members, where: at, placement }));
    expect(new Set(moves.map(({ from }) => from))).toEqual(new Set(['d']));
    expect(moves).toHaveLength(moveLimits.atOnce);
  });

  it('sends nobody to a member that is lost or drains, whatever the placement says', () => {
    const members = [{ id: 'a', state: 'lost' as const, steadyMs }, active('b'), { id: 'd', state: 'draining' as const, steadyMs }];
    const placement = new Map([
      ['n1', ['a', 'b']],
      ['n2', ['d', 'b']],
      ['n3', []],
    ]);
    expect(planMoves(picture({ members, where: where({ n1: 'b', n2: 'b', n3: 'b', n4: 'b' }), placement }))).toEqual({
      moves: [],
      waiting: 2,
    });
  });

  it('leads where everybody belongs, within the limits at every step', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(fc.tuple(id, id), { maxLength: 80 }), fc.integer({ min: 1, max: 9 }), (nodes, atOnce) => {
        const at = new Map<string, string>(nodes.map(([from], index) => [`n${index}`, from]));
        const placement = new Map(nodes.map(([, to], index) => [`n${index}`, [to]]));
        const members = [active('a'), active('b'), active('c')];
        for (let step = 0; step <= nodes.length; step += 1) {
          const { moves } = planMoves(picture({ members, where: at, placement }), { ...moveLimits, atOnce });
          expect(moves.length).toBeLessThanOrEqual(atOnce);
          for (const { nodeId, to } of moves) at.set(nodeId, to);
        }
        expect(nodes.every(([, to], index) => at.get(`n${index}`) === to)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
