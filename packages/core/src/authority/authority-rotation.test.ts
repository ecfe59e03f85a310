import { RotationPhase, RotationStep } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuthorityRotation, authorityUse, judgeStep, nodeLag, serverLag, type StepQuestion } from './authority-rotation.ts';

const rotation = (phase: RotationPhase): AuthorityRotation => ({ phase, from: 1, to: 2 });
const question = (rest: Partial<StepQuestion>): StepQuestion => ({ step: 'next', rotation: null, behind: [], leaveBehind: [], ...rest });

describe('what each authority does', () => {
  it.each([
    [null, { issues: 1, shows: 1, trusts: [1] }],
    ['prepare', { issues: 1, shows: 1, trusts: [1, 2] }],
    ['agents', { issues: 2, shows: 1, trusts: [2, 1] }],
    ['servers', { issues: 2, shows: 2, trusts: [2, 1] }],
    ['rollback', { issues: 1, shows: 1, trusts: [1, 2] }],
  ] as const)('in the phase %s', (phase, use) => {
    expect(authorityUse(1, phase === null ? null : rotation(phase))).toEqual(use);
  });

  it('is such that no phase lies more than one change from the next: what is shown or issued was trusted before', () => {
    const order = [null, 'prepare', 'agents', 'servers'] as const;
    for (const [index, phase] of (['prepare', 'agents', 'servers'] as const).entries()) {
      const earlier = order[index];
      const before = authorityUse(1, earlier === null || earlier === undefined ? null : rotation(earlier));
      const after = authorityUse(1, rotation(phase));
      for (const used of [after.issues, after.shows]) expect(before.trusts).toContain(used);
      for (const used of [before.issues, before.shows]) expect(after.trusts).toContain(used);
    }
  });

  it('always trusts what it issues and shows', () => {
    for (const phase of RotationPhase.options) {
      const { issues, shows, trusts } = authorityUse(1, rotation(phase));
      expect(trusts).toEqual(expect.arrayContaining([issues, shows]));
      expect(trusts[0]).toBe(issues);
    }
  });
});

describe('a node', () => {
  const node = (certificateOf: number | null, trusts: number[]) => ({ nodeName: 'web1', certificateOf, trusts });
  it.each([
    ['prepare', node(1, [1]), 'it does not trust the new authority yet'],
    ['prepare', node(1, [1, 2]), undefined],
    ['prepare', node(1, []), 'it does not trust the new authority yet'],
    ['agents', node(1, [1]), 'it does not trust the new authority yet'],
    ['agents', node(1, [1, 2]), 'its certificate is still of the old authority'],
    ['agents', node(2, [1, 2]), undefined],
    ['servers', node(1, [1, 2]), 'its certificate is still of the old authority'],
    ['servers', node(2, [2]), undefined],
    ['rollback', node(2, [1, 2]), 'its certificate is still of the new authority'],
    ['rollback', node(1, [1, 2]), undefined],
    ['rollback', node(1, [1]), undefined],
    ['prepare', node(null, []), undefined],
    ['servers', node(null, []), undefined],
  ] as const)('in the phase %s: %j', (phase, standing, lag) => expect(nodeLag(rotation(phase), standing)).toBe(lag));
});

describe('a server', () => {
  it.each([
    ['prepare', 1, [1], 'it has not opened the new authority yet'],
    ['prepare', 1, [1, 2], undefined],
    ['agents', 1, [2, 1], undefined],
    ['servers', 1, [2, 1], 'it still shows a certificate of the old authority'],
    ['servers', 2, [2, 1], undefined],
    ['rollback', 2, [2, 1], 'it still shows a certificate of the new authority'],
    ['rollback', 1, [1, 2], undefined],
  ] as const)('in the phase %s that shows %d and trusts %j', (phase, shows, trusts, lag) => {
    expect(serverLag(rotation(phase), { shows, trusts })).toBe(lag);
  });
});

describe('a step', () => {
  it.each([
    ['begin', null, { kind: 'phase', phase: 'prepare' }],
    ['next', 'prepare', { kind: 'phase', phase: 'agents' }],
    ['next', 'agents', { kind: 'phase', phase: 'servers' }],
    ['finish', 'servers', { kind: 'end', keep: 2, drop: 1 }],
    ['rollback', 'prepare', { kind: 'phase', phase: 'rollback' }],
    ['rollback', 'agents', { kind: 'phase', phase: 'rollback' }],
    ['rollback', 'servers', { kind: 'phase', phase: 'rollback' }],
    ['finish', 'rollback', { kind: 'end', keep: 1, drop: 2 }],
  ] as const)('%s from %s', (step, phase, outcome) => {
    expect(judgeStep(question({ step, rotation: phase === null ? null : rotation(phase) }))).toEqual({ ok: true, outcome });
  });

  it.each([
    ['begin', 'agents', /being introduced already \(phase agents\)/u],
    ['next', null, /Start with begin/u],
    ['finish', null, /Start with begin/u],
    ['rollback', null, /Start with begin/u],
    ['next', 'servers', /After servers comes finish/u],
    ['next', 'rollback', /After rollback comes finish/u],
    ['finish', 'prepare', /the last one before finish is servers/u],
    ['finish', 'agents', /Go on with next/u],
    ['rollback', 'rollback', /taken back already/u],
  ] as const)('%s from %s is refused with advice', (step, phase, why) => {
    expect(judgeStep(question({ step, rotation: phase === null ? null : rotation(phase) }))).toMatchObject({
      ok: false,
      why: expect.stringMatching(why) as string,
    });
  });

  it.each([
    ['next', 'prepare'],
    ['next', 'agents'],
    ['finish', 'servers'],
    ['finish', 'rollback'],
  ] as const)('%s from %s waits for whoever is behind, and goes on when each is left behind by name', (step, phase) => {
    const behind = ['web1', 'web2'];
    const asked = question({ step, rotation: rotation(phase), behind });
    expect(judgeStep(asked)).toMatchObject({ ok: false, behind, why: expect.stringContaining('web1, web2') as string });
    expect(judgeStep({ ...asked, leaveBehind: ['web1'] })).toMatchObject({ ok: false, behind: ['web2'] });
    expect(judgeStep({ ...asked, leaveBehind: ['web2', 'web1'] })).toMatchObject({ ok: true });
  });

  it('leaves nobody behind who is not behind: a typing error must not pass', () => {
    const verdict = judgeStep(question({ rotation: rotation('prepare'), behind: ['web1'], leaveBehind: ['web1', 'web11'] }));
    expect(verdict).toMatchObject({ ok: false, why: 'web11 is not behind: only those that are behind can be left behind.' });
  });

  it('names ten of many', () => {
    const behind = Array.from({ length: 25 }, (_, index) => `n${index}`);
    const verdict = judgeStep(question({ rotation: rotation('agents'), behind }));
    expect(verdict).toMatchObject({ ok: false, behind, why: expect.stringContaining('n9 and 15 more') as string });
  });

  it('rolls back whoever is behind: the way back must not wait', () => {
    expect(judgeStep(question({ step: 'rollback', rotation: rotation('agents'), behind: ['web1'] }))).toMatchObject({ ok: true });
  });

  it('never ends with both authorities dropped or the kept one dropped', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c'));
    const phases = fc.option(fc.constantFrom(...RotationPhase.options));
    fc.assert(
      fc.property(fc.constantFrom(...RotationStep.options), phases, names, names, (step, phase, behind, leaveBehind) => {
        const verdict = judgeStep({ step, rotation: phase === null ? null : rotation(phase), behind, leaveBehind });
        expect(verdict).not.toMatchObject({ why: '' });
        if (verdict.ok && verdict.outcome.kind === 'end')
          expect(new Set([verdict.outcome.keep, verdict.outcome.drop])).toEqual(new Set([1, 2]));
      }),
    );
  });
});
