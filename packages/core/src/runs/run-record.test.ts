import { describe, expect, it } from 'vitest';
import { forServer, RunRecord } from './run-record.ts';

const recordOf = (hosts: readonly string[], clock = { nowMs: 0 }) =>
  new RunRecord({ id: 'id', command: 'apply', by: 'ada', machine: 'driver', options: [], hosts, nowMs: () => clock.nowMs });
const done = (host: string, status: 'unchanged' | 'changed' = 'unchanged') => ({ host, status, seconds: 1, changes: [] });

describe('a run that goes on', () => {
  it('says which phase is under way, and how many of its hosts are done', () => {
    const record = recordOf(['a', 'b']);
    expect(record.now('running')).not.toHaveProperty('now');
    record.phaseStarted('agent', 2);
    record.hostFinished('agent', done('a'));
    expect(record.now('running').now).toEqual({ phase: 'agent', done: 1, hosts: 2 });
    record.hostFinished('agent', done('b'));
    record.phaseFinished('agent');
    expect(record.now('running')).not.toHaveProperty('now');
  });

  it('has nothing under way when it is over, whatever it was at', () => {
    const record = recordOf(['a']);
    record.phaseStarted('agent', 1);
    const run = record.now('interrupted', 'Cancelled by ada.');
    expect(run).not.toHaveProperty('now');
    expect(run).toMatchObject({ reason: 'Cancelled by ada.', counts: { notDone: 1 } });
  });

  it('does not change what was said of it before', () => {
    const record = recordOf(['a']);
    const before = record.now('running');
    record.hostFinished('connect', done('a'));
    expect(before.hosts[0]?.phases).toEqual([]);
  });

  it('leaves out a host that it was not said to have, as one that is only looked at', () => {
    const record = recordOf(['a']);
    record.hostFinished('connect', done('driver'));
    expect(record.now('done').hosts.map(({ name }) => name)).toEqual(['a']);
  });

  it('takes its times from the clock it was given', () => {
    const clock = { nowMs: 1000 };
    const record = recordOf(['a'], clock);
    record.phaseStarted('agent', 1);
    clock.nowMs = 3500;
    record.phaseFinished('agent');
    expect(record.now('done')).toMatchObject({
      seconds: 2.5,
      startedAt: '1970-01-01T00:00:01.000Z',
      phases: [{ phase: 'agent', seconds: 2.5 }],
    });
  });
});

describe('what the server keeps of a run', () => {
  const names = Array.from({ length: 200 }, (_, i) => `x${i}`);

  it('is all of a small one, and of a large one only what is to be told', () => {
    const record = recordOf(names);
    for (const name of names) record.hostFinished('connect', done(name, name === 'x7' ? 'changed' : 'unchanged'));
    for (const state of ['running', 'done'] as const) {
      const { hosts } = forServer(record.now(state));
      expect(hosts).toHaveLength(200);
      expect(hosts.filter(({ phases }) => phases.length > 0).map(({ name }) => name)).toEqual(['x7']);
    }
    const small = recordOf(['a']);
    small.hostFinished('connect', done('a'));
    expect(forServer(small.now('done')).hosts[0]?.phases).toHaveLength(1);
  });
});
