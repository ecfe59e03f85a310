import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figureResolutions, figureSteps, type FigureSteps } from './figure-steps.ts';

const nowMs = Date.parse('2026-07-01T12:00:30Z');
const dayMs = 86_400_000;
const ago = (ms: number, stepSeconds?: number) =>
  figureSteps({ sinceMs: nowMs - ms, untilMs: nowMs, nowMs, ...(stepSeconds === undefined ? {} : { stepSeconds }) }, 2000);

describe('the steps of a plot', () => {
  it.each([
    { of: 'an hour', ms: dayMs / 24, expected: { resolutionSeconds: 60, stepSeconds: 60, count: 61 } },
    { of: 'a day', ms: dayMs, expected: { resolutionSeconds: 60, stepSeconds: 300, count: 289 } },
    { of: 'a week', ms: 7 * dayMs, expected: { resolutionSeconds: 600, stepSeconds: 3600 } },
    { of: 'thirty days', ms: 30 * dayMs, expected: { resolutionSeconds: 600, stepSeconds: 10_800 } },
    { of: 'half a year', ms: 180 * dayMs, expected: { resolutionSeconds: 3600, stepSeconds: 86_400 } },
  ])('of $of come from what is kept of it', ({ ms, expected }) => expect(ago(ms)).toMatchObject(expected));

  it('are as wished, but never finer than what is kept', () => {
    expect(ago(dayMs / 24, 120)).toMatchObject({ stepSeconds: 120 });
    expect(ago(7 * dayMs, 660)).toMatchObject({ stepSeconds: 1200 });
    expect(ago(60 * dayMs, 60)).toMatchObject({ stepSeconds: 3600, resolutionSeconds: 3600 });
  });

  it.each([
    { wrong: 'an end before the begin', found: ago(-dayMs), path: 'since' },
    { wrong: 'more than a year', found: ago(400 * dayMs), path: 'since' },
    { wrong: 'too many points', found: ago(29 * dayMs, 600), path: 'step' },
  ])('cannot be of $wrong, and it is said why', ({ found, path }) =>
    expect(found).toMatchObject({ path, message: expect.stringMatching(/./u) }),
  );

  it('cover the whole time and are bounded', () => {
    const within = fc.integer({ min: 1000, max: 365 * dayMs });
    fc.assert(
      fc.property(within, within, fc.option(fc.integer({ min: 1, max: 1440 }), { nil: undefined }), (a, b, minutes) => {
        fc.pre(a !== b);
        const span = { sinceMs: nowMs - Math.max(a, b), untilMs: nowMs - Math.min(a, b), nowMs };
        const found = figureSteps(minutes === undefined ? span : { ...span, stepSeconds: minutes * 60 }, 2000);
        if ('message' in found) {
          expect(found.path).toBe('step');
          return;
        }
        const { firstSeconds, stepSeconds, count, resolutionSeconds } = found satisfies FigureSteps;
        expect(firstSeconds * 1000).toBeLessThanOrEqual(span.sinceMs);
        expect((firstSeconds + stepSeconds) * 1000).toBeGreaterThan(span.sinceMs);
        expect((firstSeconds + count * stepSeconds) * 1000).toBeGreaterThanOrEqual(span.untilMs);
        expect(count).toBeLessThanOrEqual(2000);
        expect(stepSeconds % resolutionSeconds).toBe(0);
        const kept = figureResolutions.find((one) => one.resolutionSeconds === resolutionSeconds);
        expect((nowMs - span.sinceMs) / 1000).toBeLessThanOrEqual((kept?.keptSeconds ?? 0) + 60);
      }),
    );
  });
});
