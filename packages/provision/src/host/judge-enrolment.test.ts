import { describe, expect, it } from 'vitest';
import { type EnrolmentQuestion, judgeEnrolment } from './judge-enrolment.ts';

const registered = { id: 'n1', name: 'web1', registration: 'registered' };
const pending = { ...registered, registration: 'pending' };
const question = (change: Partial<EnrolmentQuestion>): EnrolmentQuestion => ({
  enrolled: false,
  mark: '',
  node: registered,
  reissue: false,
  elsewhere: [],
  name: 'web1',
  ...change,
});
const enrol = { kind: 'enrol', reissue: false };
const replace = { kind: 'enrol', reissue: true };

describe('whether a host is enrolled', () => {
  it.each<[string, Partial<EnrolmentQuestion>, object]>([
    ['a new host', { node: undefined }, enrol],
    ['a host whose node was removed', { node: undefined, enrolled: true, mark: 'n0' }, enrol],
    ['a host whose node was added by hand', { node: pending }, enrol],
    ['a host whose node was reissued', { node: pending, enrolled: true, mark: 'n1' }, enrol],
    ['a host that is whole', { enrolled: true, mark: 'n1' }, { kind: 'keep' }],
    ['a host that is whole, from before there were marks', { enrolled: true }, { kind: 'keep' }],
    ['what was half installed, or lost its state', { mark: 'n1' }, replace],
    ['a re-imaged host after a yes', { reissue: true }, replace],
    ['a whole host that somebody wants a new certificate for', { enrolled: true, mark: 'n1', reissue: true }, replace],
    ['a new host, whatever was said', { node: undefined, reissue: true }, enrol],
    ['a node of another server after a yes', { node: undefined, enrolled: true, elsewhere: ['10.0.0.9:7421'], reissue: true }, enrol],
  ])('%s', (_name, change, verdict) => expect(judgeEnrolment(question(change))).toEqual(verdict));

  it('refuses a node of another server, which would lose it', () =>
    expect(judgeEnrolment(question({ node: undefined, enrolled: true, mark: 'n1', elsewhere: ['10.0.0.9:7421'] }))).toEqual({
      kind: 'refuse',
      why: expect.stringContaining('web1 is a node of another management server (10.0.0.9:7421)'),
    }));

  it.each([
    ['a re-imaged host under its old name', ''],
    ['a copy of another node', 'n2'],
  ])('refuses %s, with what to say', (_name, mark) =>
    expect(judgeEnrolment(question({ mark }))).toEqual({
      kind: 'refuse',
      why: expect.stringMatching(/say: muster node reissue web1, or apply with --reissue web1\.$/u),
    }),
  );
});
