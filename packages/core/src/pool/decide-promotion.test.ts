import { describe, expect, it } from 'vitest';
import { decidePromotion, type PromotableCopy, type PromotionPicture } from './decide-promotion.ts';

const leader = (rest: Partial<PromotableCopy> = {}): PromotableCopy => ({
  name: 'm1',
  isLeader: true,
  isThere: true,
  state: 'running',
  isSynchronous: false,
  lacksBytes: null,
  ...rest,
});
const copy = (rest: Partial<PromotableCopy> = {}): PromotableCopy => ({
  name: 'm2',
  isLeader: false,
  isThere: true,
  state: 'streaming',
  isSynchronous: true,
  lacksBytes: 0,
  ...rest,
});
const gone = leader({ isThere: false });
const lagging = copy({ isSynchronous: false, lacksBytes: 4096, state: 'running' });

const decide = (copies: readonly PromotableCopy[], rest: Partial<PromotionPicture> = {}) =>
  decidePromotion({ kind: 'pool', memberName: 'driver2', copyName: 'm2', copies, acceptDataLoss: false, ...rest });

describe('a promotion', () => {
  it.each<[string, ReturnType<typeof decide>, ReturnType<typeof decide>]>([
    [
      'hands over where the primary is there',
      decide([leader(), copy()]),
      { kind: 'switch-over', from: 'm1', to: 'm2', mustCatchUp: false },
    ],
    [
      'waits for a copy that is not synchronous',
      decide([leader(), copy({ isSynchronous: false, lacksBytes: 9 })]),
      { kind: 'switch-over', from: 'm1', to: 'm2', mustCatchUp: true },
    ],
    ['takes over where the primary does not answer', decide([gone, copy()]), { kind: 'fail-over', from: 'm1', to: 'm2', lostBytes: 0 }],
    [
      'takes over where nobody is the primary any more',
      decide([leader({ isLeader: false, isThere: false }), copy({ state: 'running' })]),
      { kind: 'fail-over', from: null, to: 'm2', lostBytes: 0 },
    ],
    [
      'gives up what is lacking only on purpose',
      decide([gone, lagging], { acceptDataLoss: true }),
      { kind: 'fail-over', from: 'm1', to: 'm2', lostBytes: 4096 },
    ],
    [
      'gives up an unknown amount only on purpose',
      decide([gone, { ...lagging, lacksBytes: null }], { acceptDataLoss: true }),
      { kind: 'fail-over', from: 'm1', to: 'm2', lostBytes: null },
    ],
    [
      'never gives up anything while the primary is there, whatever is accepted',
      decide([leader(), copy({ isSynchronous: false })], { acceptDataLoss: true }),
      { kind: 'switch-over', from: 'm1', to: 'm2', mustCatchUp: true },
    ],
    ['changes nothing where the member has it already', decide([leader(), copy()], { copyName: 'm1' }), { kind: 'already' }],
  ])('%s', (_what, decision, expected) => {
    expect(decision).toEqual(expected);
  });

  it.each<[string, ReturnType<typeof decide>, RegExp]>([
    ['a database of the user', decide([], { kind: 'own' }), /one of your own: promote it by its own means/u],
    ['a single server', decide([], { kind: 'embedded' }), /no other copy/u],
    ['a member without a copy', decide([leader(), copy()], { copyName: null }), /^driver2 holds no copy .* m1, m2\.$/u],
    ['a copy that Patroni does not know', decide([leader()]), /^driver2 holds no copy/u],
    [
      'a copy that does not answer',
      decide([gone, copy({ isThere: false })], { acceptDataLoss: true }),
      /^The copy on driver2 .* not answer/u,
    ],
    ['a copy that is being made', decide([gone, copy({ state: 'creating replica' })]), /cannot take writes: creating replica/u],
    [
      'a copy that does not follow',
      decide([leader(), copy({ state: 'running', isSynchronous: false })]),
      /does not follow the primary on m1/u,
    ],
    ['the primary itself when it hangs', decide([gone, copy()], { copyName: 'm1' }), /is the primary, and its database does not answer/u],
  ])('is refused for %s', (_what, decision, reason) => {
    expect(decision).toEqual({ kind: 'refused', reason: expect.stringMatching(reason) as string });
  });

  it('that would lose something says how much, at least, and who has all of it', () => {
    expect(decide([gone, lagging])).toEqual({
      kind: 'would-lose',
      reason: expect.stringMatching(/lacks 4096 bytes .* last known position .* Acknowledged changes would be lost\.$/u) as string,
    });
    expect(decide([gone, { ...lagging, lacksBytes: null }])).toMatchObject({ reason: expect.stringContaining('is not known') as string });
    expect(decide([gone, lagging, copy({ name: 'm3' })])).toMatchObject({ reason: expect.stringMatching(/m3 has all of it/u) as string });
    // Nothing is lacking up to what is known; what came after is not known.
    expect(decide([gone, { ...lagging, lacksBytes: 0 }])).toMatchObject({ kind: 'would-lose' });
  });
});
