import { describe, expect, it } from 'vitest';
import { chooseCopy, choosePrimary, type ProbeAnswer, silentLimitMs } from './choose-primary.ts';

const primary = (timeline: number): ProbeAnswer => ({ role: 'primary', timeline });
const standbyAt = (replayed: number): ProbeAnswer => ({ role: 'standby', replayed });
const standby = standbyAt(100);
const silent = (forMs: number): ProbeAnswer => ({ role: 'silent', forMs });

describe('the database that takes writes', () => {
  it.each<[string, ProbeAnswer[], number | undefined, number | undefined]>([
    ['is the one that says so', [standby, primary(1), standby], undefined, 1],
    ['stays while it says so', [primary(3), standby], 0, 0],
    ['is another after a promotion', [standby, primary(2)], 0, 1],
    ['is the one of the later timeline where two say so, whichever it was', [primary(4), primary(5), standby], 0, 1],
    ['does not go back to one that was replaced and does not know it', [primary(4), primary(5)], 1, 1],
    ['stays where two are alike, which a list that names one database twice looks like', [primary(2), primary(2)], 1, 1],
    ['stays for a while when it says nothing', [silent(silentLimitMs - 1), standby], 0, 0],
    ['is given up when it says nothing for longer', [silent(silentLimitMs), standby], 0, undefined],
    ['is given up at once when it has become a standby', [standby, standby], 0, undefined],
    ['is nobody while nobody was found', [silent(0), silent(0)], undefined, undefined],
    ['is nobody of none', [], undefined, undefined],
  ])('%s', (_what, answers, current, expected) => {
    expect(choosePrimary(answers, current)).toBe(expected);
  });
});

describe('the copy to read from', () => {
  it.each<[string, ProbeAnswer[], number | undefined, number | undefined]>([
    ['is none while the primary answers', [standby, primary(1)], 1, undefined],
    ['is the standby as soon as the primary says nothing, before that is given up', [standby, silent(10)], 1, 0],
    ['is the one that has replayed the most', [standbyAt(5), standbyAt(9), standbyAt(7)], undefined, 1],
    ['is one that has replayed nothing, where there is no other', [silent(5), standbyAt(0)], undefined, 1],
    ['is none where nobody answers', [silent(5), silent(5)], 0, undefined],
    ['is none of none', [], undefined, undefined],
  ])('%s', (_what, answers, current, expected) => {
    expect(chooseCopy(answers, current)).toBe(expected);
  });
});
