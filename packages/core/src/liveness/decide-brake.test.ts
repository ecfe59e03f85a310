import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideBrake } from './decide-brake.ts';

const count = (suspects: number, watched: number, due = suspects) => ({ watched, suspects, due });

describe('the brake', () => {
  it.each([
    { suspects: 3, watched: 5 },
    { suspects: 5, watched: 5 },
    { suspects: 4, watched: 13 },
    { suspects: 31, watched: 100 },
    { suspects: 3, watched: 3 },
  ])('is put on with $suspects of $watched unheard', ({ suspects, watched }) => {
    expect(decideBrake(false, count(suspects, watched))).toMatchObject({ action: 'hold', unheard: suspects, watched });
  });

  it.each([
    { suspects: 2, watched: 2 },
    { suspects: 2, watched: 5 },
    { suspects: 3, watched: 10 },
    { suspects: 30, watched: 100 },
    { suspects: 0, watched: 0 },
    { suspects: 0, watched: 5 },
  ])('stays off with $suspects of $watched unheard', ({ suspects, watched }) => {
    expect(decideBrake(false, count(suspects, watched))).toEqual({ action: 'stay-off' });
    expect(decideBrake(true, count(suspects, watched)).action).toBe('release');
  });

  it('is not put on for late heartbeats alone, but once on they hold it', () => {
    expect(decideBrake(false, count(4, 5, 0))).toEqual({ action: 'stay-off' });
    expect(decideBrake(true, count(4, 5, 0)).action).toBe('hold');
  });

  it('says how many, and what to do', () => {
    expect(decideBrake(false, count(3, 5))).toMatchObject({
      message: expect.stringMatching(/^3 of 5 nodes are unheard at once\. No agent is restarted .*network.*maintenance/u),
    });
    expect(decideBrake(true, count(1, 5))).toMatchObject({ message: expect.stringMatching(/^4 of 5 nodes are heard again/u) });
  });

  it('is on exactly when more than two and more than three in ten are unheard, and then stays until they are not', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(200), fc.nat(200), fc.nat(200), (isOn, a, b, c) => {
        const [due = 0, suspects = 0, watched = 0] = [a, b, c].toSorted((x, y) => x - y);
        const tooMany = suspects > 2 && suspects > 0.3 * watched;
        const verdict = decideBrake(isOn, { watched, suspects, due });
        expect(verdict.action === 'hold').toBe(tooMany && (isOn || due > 0));
        expect(verdict.action === 'release').toBe(isOn && !tooMany);
      }),
    );
  });
});
