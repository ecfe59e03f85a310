import type { DatabaseCopy } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { decideStepAside, stepAside, type StepAsidePicture } from './decide-step-aside.ts';

const copy = (memberId: string | null, role: DatabaseCopy['role'], synchronous: boolean | null = null): DatabaseCopy => ({
  place: `${memberId}:25432`,
  memberId,
  role,
  synchronous,
  lagBytes: 0,
  lagSeconds: 0,
});
const picture = (change: Partial<StepAsidePicture>): StepAsidePicture => ({
  selfId: 'm1',
  database: { copies: [copy('m1', 'primary'), copy('m2', 'replica', true)] },
  freeBytes: 0,
  msSinceLast: null,
  ...change,
});

describe('a member whose disk is full gives the primary away', () => {
  it.each<[string, Partial<StepAsidePicture>, ReturnType<typeof decideStepAside>]>([
    ['to the copy that each write waits for', {}, { kind: 'step-aside', to: 'm2' }],
    ['just before it is full', { freeBytes: stepAside.leastFreeBytes - 1 }, { kind: 'step-aside', to: 'm2' }],
    ['again after the pause', { msSinceLast: stepAside.leastPauseMs }, { kind: 'step-aside', to: 'm2' }],
    ['not while there is room', { freeBytes: stepAside.leastFreeBytes }, { kind: 'stay' }],
    ['not where nobody knows', { freeBytes: null }, { kind: 'stay' }],
    ['not to and fro', { msSinceLast: stepAside.leastPauseMs - 1 }, { kind: 'stay' }],
    ['not for another one', { selfId: 'm2' }, { kind: 'stay' }],
    ['not to a copy that lags', { database: { copies: [copy('m1', 'primary'), copy('m2', 'replica', false)] } }, { kind: 'nowhere' }],
    ['not to a copy that is nobody’s', { database: { copies: [copy('m1', 'primary'), copy(null, 'replica', true)] } }, { kind: 'nowhere' }],
    ['not to one that is silent', { database: { copies: [copy('m1', 'primary'), copy('m2', 'silent', true)] } }, { kind: 'nowhere' }],
    ['not where no database takes writes', { database: { copies: [copy('m1', 'replica', true)] } }, { kind: 'stay' }],
  ])('%s', (_why, change, expected) => expect(decideStepAside(picture(change))).toEqual(expected));
});
