import { describe, expect, it } from 'vitest';
import { decideState, readStateSeen, stateChanges, type StateSeen, type StateWanted } from './state-decisions.ts';

const folder = '/srv/state';
const wanted: StateWanted = { folder, isShared: true, clusterName: 'muster', mayTakeOver: false, away: [] };
const fresh: StateSeen = {
  hostname: 'boss',
  uid: '64030',
  current: '',
  hasCurrentState: false,
  isPrimary: false,
  isThere: true,
  owner: '0',
  isWritable: false,
  hasState: false,
  mark: new Map(),
  inode: '',
  users: [],
  others: [],
  isNoted: false,
  dropIn: 'none',
};
const mark = new Map([
  ['token', 'abc'],
  ['cluster', 'muster'],
]);
/** A controller that works with the folder already. */
const settled: StateSeen = {
  ...fresh,
  owner: '64030',
  isWritable: true,
  current: folder,
  hasCurrentState: true,
  hasState: true,
  mark,
  inode: '7',
  users: ['boss', 'spare'],
  others: ['clustername', 'job_state'],
  isNoted: true,
};
const local = { ...fresh, current: '/var/lib/slurm/slurmctld', hasCurrentState: true, isPrimary: true };
const two = (boss: Partial<StateSeen>, spare: Partial<StateSeen>, base = settled) =>
  new Map([
    ['boss', { ...base, hostname: 'boss', ...boss }],
    ['spare', { ...base, hostname: 'spare', ...spare }],
  ]);
const decided = (seen: ReadonlyMap<string, StateSeen>, change: Partial<StateWanted> = {}) => decideState({ ...wanted, ...change }, seen);

describe('the folder of the state', () => {
  it('is to be proved where it is new, and where controllers see different marks', () => {
    expect(decided(two({}, {}, fresh))).toMatchObject({ isProved: false, source: undefined });
    expect(decided(two({}, {}))).toMatchObject({ isProved: true, source: undefined });
    expect(decided(two({}, { mark: new Map([['token', 'another']]) })).isProved).toBe(false);
    expect(decided(two({}, { mark: new Map() })).isProved).toBe(false);
  });

  it('is not taken for the same where it is a copy, or where slurm cannot write any more', () => {
    expect(decided(two({}, { inode: '8' })).isProved).toBe(false);
    expect(decided(two({ owner: '0' }, { owner: '0' })).isProved).toBe(false);
  });

  it('asks nothing of a controller that keeps its state to itself', () => {
    const seen = new Map([['boss', { ...fresh, current: '/var/lib/slurm/slurmctld', hasCurrentState: true, isThere: false }]]);
    const work = decided(seen, { folder: '/var/lib/slurm/slurmctld', isShared: false });
    expect(work).toMatchObject({ isProved: true, source: undefined });
    expect(stateChanges(work, 'boss', undefined)).toEqual([]);
  });

  it.each<[string, Partial<StateSeen>, RegExp]>([
    ['is not there', { isThere: false }, /boss has no folder \/srv\/state .*Mount the same one/u],
    ['is of somebody else', { owner: '1000' }, /belongs to uid 1000: make it root's.*uid there is 64030/u],
    ['cannot be written', { owner: '64030', isWritable: false }, /cannot write to \/srv\/state on boss.*read-only/u],
    ['has other things', { mark: new Map(), hasState: false, others: ['photos', 'a', 'b', 'c'] }, /\(photos, a, b\).*an empty one/u],
    ['has a state of nobody known', { mark: new Map(), current: '' }, /no run has made\. Set slurm_take_over=yes/u],
    ['is of another cluster', { mark: new Map([['cluster', 'blue']]) }, /state of the Slurm cluster blue, and this one is muster/u],
    ['has another controller', { users: ['boss', 'spare', 'old'] }, /also the state of a controller old,.*\.muster-controller-old/u],
    ['has another number for slurm', { uid: '998', owner: '0' }, /uid 998 on boss and 64030 on spare/u],
  ])('is refused where it %s', (_what, change, message) => {
    expect(() => decided(two(change, {}))).toThrow(message);
  });

  it('may have a state of somebody else where that may be taken over', () => {
    const seen = two({ mark: new Map(), current: '' }, { mark: new Map(), current: '' });
    expect(decided(seen, { mayTakeOver: true }).source).toBeUndefined();
  });

  it('is no stranger to a controller that cannot be asked', () => {
    const seen = new Map([['boss', settled]]);
    expect(decided(seen, { away: ['spare'] }).isProved).toBe(true);
    expect(() => decided(new Map([['boss', { ...settled, users: ['boss', 'a', 'b'] }]]), { away: ['spare'] })).toThrow(/controller a/u);
  });
});

describe('a state that is elsewhere', () => {
  it('comes along from the controller that has it in force', () => {
    const work = decided(two(local, { current: '/var/lib/slurm/slurmctld' }, fresh));
    expect(work.source).toEqual({ host: 'boss', from: '/var/lib/slurm/slurmctld' });
    expect(stateChanges(work, 'boss', 'hash').map(({ what }) => what)).toEqual([
      "prove that /srv/state is the same folder on boss, spare, and slurm's",
      'keep the state of Slurm in /srv/state',
      'stop slurmctld and copy its state from /var/lib/slurm/slurmctld to /srv/state',
      'write the drop-in of slurmctld.service',
    ]);
    expect(stateChanges(work, 'spare', 'hash').map(({ what }) => what)).toContain('stop slurmctld until the state is copied');
  });

  it('comes along from a folder that all had, from the primary', () => {
    const before = { current: '/srv/old', hasCurrentState: true, hasState: false, mark: new Map(), others: [] };
    expect(decided(two(before, { ...before, isPrimary: true })).source).toEqual({ host: 'spare', from: '/srv/old' });
  });

  it('does not come over another one, unless that is a copy of it that was not finished', () => {
    const moved = { ...settled, current: local.current, isPrimary: true };
    expect(() => decided(two(moved, {}))).toThrow(/Which jobs are to be kept only you know: empty \/srv\/state/u);
    const half = new Map([...mark, ['from', 'boss:/var/lib/slurm/slurmctld']]);
    expect(decided(two({ ...moved, mark: half }, { mark: half })).source?.host).toBe('boss');
  });

  it('does not come while another controller may work with it', () => {
    expect(() => decided(new Map([['boss', local]]), { away: ['spare'] })).toThrow(/cannot move .* while spare has not been asked/u);
  });

  it('is not chosen among two', () => {
    expect(() => decided(two(local, local, fresh))).toThrow(/boss and spare are the primary controllers of two clusters/u);
  });
});

describe('the words of a settled controller', () => {
  it('are none, and name what is missing', () => {
    const work = decided(two({ dropIn: 'hash' }, { dropIn: 'other', isNoted: false }));
    expect(stateChanges(work, 'boss', 'hash')).toEqual([]);
    expect(stateChanges(work, 'spare', 'hash').map(({ what }) => what)).toEqual([
      'keep the state of Slurm in /srv/state',
      'write the drop-in of slurmctld.service',
    ]);
    expect(stateChanges(work, 'nobody', 'hash')).toEqual([]);
  });

  it('name a drop-in that has lost its folder', () => {
    const work = decided(new Map([['boss', { ...fresh, dropIn: 'hash' }]]), { isShared: false, folder: '/var/lib/slurm/slurmctld' });
    expect(stateChanges(work, 'boss', undefined)).toEqual([{ what: 'remove the drop-in of slurmctld.service' }]);
  });

  it('call a folder of one controller its own', () => {
    expect(stateChanges(decided(new Map([['boss', fresh]])), 'boss', 'hash')[0]?.what).toBe('give /srv/state to slurm');
  });
});

describe('what the look printed', () => {
  it('is read, line by line', () => {
    const output =
      'hostname=boss\nuid=64030\nprimary=boss\ncurrent=/srv/old\ncurrent_state=yes\ndrop_in=none\nnoted=yes\nthere=yes\nowner=64030\nwritable=yes\nstate=yes\nmark_token=a=b\nmark_cluster=muster\ninode=12\nuser=boss\nuser=spare\nother=job_state\n';
    expect(readStateSeen(output)).toEqual({
      hostname: 'boss',
      uid: '64030',
      current: '/srv/old',
      hasCurrentState: true,
      isPrimary: true,
      isThere: true,
      owner: '64030',
      isWritable: true,
      hasState: true,
      mark: new Map([
        ['token', 'a=b'],
        ['cluster', 'muster'],
      ]),
      inode: '12',
      users: ['boss', 'spare'],
      others: ['job_state'],
      isNoted: true,
      dropIn: 'none',
    });
  });

  it('is nothing much of a bare host', () => {
    expect(readStateSeen('hostname=boss\nuid=\ncurrent=\ndrop_in=none\nnoted=no\n')).toMatchObject({
      uid: undefined,
      isPrimary: false,
      isThere: false,
    });
  });
});
