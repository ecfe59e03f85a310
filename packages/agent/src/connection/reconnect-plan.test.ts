import { describe, expect, it } from 'vitest';
import { freshState, fullJitter, goOnAfterMs, planReconnect, type ReconnectSituation } from './reconnect-plan.ts';
import type { EndCause } from './session-end.ts';

const situation = (parts: Partial<ReconnectSituation>): ReconnectSituation => ({
  cause: 'lost',
  lastedMs: undefined,
  identities: 1,
  heartbeatSeconds: 10,
  random: () => 0.5,
  ...parts,
});

/** The delays of so many ends in a row. */
function delays(count: number, parts: Partial<ReconnectSituation>): number[] {
  let state = freshState;
  return Array.from({ length: count }, () => {
    const plan = planReconnect(state, situation(parts));
    state = plan.state;
    return plan.delayMs;
  });
}

describe('when to come back', () => {
  it('grows exponentially up to a minute', () => {
    expect(delays(8, { cause: 'unreachable', random: () => 1 })).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('has full jitter: anything from nothing to the limit', () => {
    expect(delays(3, { cause: 'unreachable', random: () => 0 })).toEqual([0, 0, 0]);
    expect(fullJitter(40, () => 0.25)).toBe(15_000);
  });

  it('spreads a fleet evenly', () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const all = Array.from({ length: 10_000 }, () => planReconnect({ ...freshState, attempt: 4 }, situation({ random })).delayMs);
    const perSecond = Array.from({ length: 16 }, (_, second) => all.filter((delay) => Math.floor(delay / 1000) === second).length);
    expect(Math.min(...perSecond)).toBeGreaterThan(500);
    expect(Math.max(...perSecond)).toBeLessThan(750);
  });

  it('begins anew after a connection that held, not after one that fell over at once', () => {
    const tired = { ...freshState, attempt: 6 };
    expect(planReconnect(tired, situation({ lastedMs: 5000, random: () => 1 })).delayMs).toBe(1000);
    expect(planReconnect(tired, situation({ lastedMs: 100, random: () => 1 })).delayMs).toBe(60_000);
  });

  it('comes back soon after a server that goes away in order, spread by the size of the fleet', () => {
    const plan = (heartbeatSeconds: number): number =>
      planReconnect(freshState, situation({ cause: 'going-away', lastedMs: 60_000, heartbeatSeconds, random: () => 1 })).delayMs;
    expect([plan(1), plan(10), plan(200)]).toEqual([1000, 5000, 100_000]);
  });

  it('is slow, but not silent, when the only identity was refused', () => {
    const [low, high] = [0, 1].map((random) => planReconnect(freshState, situation({ cause: 'refused', random: () => random })).delayMs);
    expect(low).toBeCloseTo(240_000);
    expect(high).toBeCloseTo(360_000);
  });

  it('tries every other identity soon, then is slow', () => {
    const first = planReconnect(freshState, situation({ cause: 'refused', identities: 2 }));
    expect(first).toMatchObject({ useNextIdentity: true, delayMs: 500 });
    const second = planReconnect(first.state, situation({ cause: 'refused', identities: 2 }));
    expect(second).toMatchObject({ useNextIdentity: true, delayMs: 300_000 });
  });

  it('forgets refusals after a welcome', () => {
    const before = { ...freshState, turnedDown: 1 };
    expect(planReconnect(before, situation({ cause: 'refused', identities: 2, lastedMs: 1 })).delayMs).toBe(500);
  });

  it('tries another identity after an end without a word, and never slows beyond a minute for it', () => {
    expect(delays(10, { cause: 'rejected', identities: 2, random: () => 1 }).at(-1)).toBe(60_000);
    expect(planReconnect(freshState, situation({ cause: 'rejected', identities: 2 })).useNextIdentity).toBe(true);
    expect(planReconnect(freshState, situation({ cause: 'rejected' })).useNextIdentity).toBe(false);
  });

  it('gives way, longer each time, when another agent has this identity', () => {
    expect(delays(6, { cause: 'replaced', lastedMs: 10_000 })).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    const long = planReconnect({ ...freshState, replacements: 4 }, situation({ cause: 'replaced', lastedMs: 300_000 }));
    expect(long.delayMs).toBe(30_000);
  });

  it('does not hammer a server that does not understand it', () => {
    expect(planReconnect(freshState, situation({ cause: 'protocol', lastedMs: 10, random: () => 0 })).delayMs).toBe(30_000);
  });
});

describe('going on to another server', () => {
  const held = (cause: EndCause) => ({ cause, lastedMs: 5000 });

  it('is soon after a connection that worked, within a second when the whole fleet lost it in one moment', () => {
    expect(goOnAfterMs(held('lost'), () => 0.5)).toBe(500);
    expect(goOnAfterMs(held('going-away'), () => 1)).toBe(1000);
    expect(goOnAfterMs(held('lost'), () => 0)).toBe(0);
  });

  it('is sooner after silence, which each agent notices at a moment of its own', () => {
    expect(goOnAfterMs(held('silent'), () => 1)).toBe(250);
  });

  it('spreads a thousand agents over the second, without a crowd in any hundredth of it', () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const slots = Array.from({ length: 100 }, () => 0);
    for (let agent = 0; agent < 1000; agent += 1) slots[Math.floor((goOnAfterMs(held('lost'), random) ?? 0) / 10)]! += 1;
    expect(Math.max(...slots)).toBeLessThanOrEqual(25);
    expect(slots.filter((count) => count > 0).length).toBeGreaterThan(90);
  });

  it.each<EndCause>(['refused', 'rejected', 'replaced', 'protocol', 'closed', 'unreachable'])('is no way out after %s', (cause) => {
    expect(goOnAfterMs(held(cause), () => 0)).toBeUndefined();
  });

  it('is not done after a connection that fell over at once: the plan for coming back has its jitter', () => {
    expect(goOnAfterMs({ cause: 'lost', lastedMs: 4999 }, () => 0)).toBeUndefined();
    expect(goOnAfterMs({ cause: 'lost', lastedMs: undefined }, () => 0)).toBeUndefined();
  });
});
