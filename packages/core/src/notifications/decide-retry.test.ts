import { describe, expect, it } from 'vitest';
import { decideRetry, type FailedAttempt, longestFailureSeconds } from './decide-retry.ts';

const failed = (rest: Partial<FailedAttempt> = {}): FailedAttempt => ({
  kind: 'webhook',
  attempts: 1,
  failingForSeconds: 0,
  isPermanent: false,
  ...rest,
});

describe('after a failed attempt', () => {
  it('the next one waits twice as long, up to an hour', () => {
    const waits = Array.from({ length: 12 }, (_, at) => decideRetry(failed({ attempts: at + 1 })));
    expect(waits.map((one) => (one.action === 'retry' ? one.afterSeconds : one.action))).toEqual([
      10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600,
    ]);
    expect(decideRetry(failed({ attempts: 5000 }))).toEqual({ action: 'retry', afterSeconds: 3600 });
  });

  it.each([
    { rest: { failingForSeconds: longestFailureSeconds - 1 }, action: 'retry' },
    { rest: { failingForSeconds: longestFailureSeconds }, action: 'disable' },
    { rest: { isPermanent: true }, action: 'retry' },
    { rest: { kind: 'email', failingForSeconds: longestFailureSeconds }, action: 'give-up' },
    { rest: { kind: 'email', isPermanent: true }, action: 'give-up' },
    { rest: { kind: 'email' }, action: 'retry' },
  ] as const)('$rest is $action', ({ rest, action }) => expect(decideRetry(failed(rest)).action).toBe(action));

  it('tries long enough that a weekend without anybody loses nothing', () => {
    let seconds = 0;
    let attempts = 0;
    for (;;) {
      attempts += 1;
      const next = decideRetry(failed({ attempts, failingForSeconds: seconds }));
      if (next.action !== 'retry') break;
      seconds += next.afterSeconds;
    }
    expect(seconds).toBeGreaterThan(2.5 * 86_400);
    expect(attempts).toBeLessThan(100);
  });
});
