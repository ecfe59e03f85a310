import { ServiceReport } from '@muster/api';
import { describe, expect, it } from 'vitest';
import type { RunProgram, RunResult } from '../run-program.ts';
import { listUnits, parseList } from './list-units.ts';
import { readTimestamp, serviceReport } from './service-state.ts';
import { parseShow, showUnits } from './show-units.ts';

const properties = (values: Readonly<Record<string, string>>) => new Map(Object.entries({ LoadState: 'loaded', ...values }));
const stamps = {
  ActiveEnterTimestamp: 'Tue 2026-01-06 10:00:01 UTC',
  ActiveExitTimestamp: 'Tue 2026-01-06 10:00:02 UTC',
  InactiveEnterTimestamp: 'Tue 2026-01-06 10:00:03 UTC',
  InactiveExitTimestamp: 'Tue 2026-01-06 10:00:04 UTC',
};

describe('the state of a unit', () => {
  it.each([
    ['active', 'running', 'running', 1],
    ['active', 'exited', 'running', 1],
    ['active', 'waiting', 'running', 1],
    ['reloading', 'reload', 'running', 1],
    ['refreshing', 'refresh', 'running', 1],
    ['activating', 'start-pre', 'starting', 4],
    ['activating', 'auto-restart', 'starting', 4],
    ['deactivating', 'stop-sigterm', 'stopping', 2],
    ['inactive', 'dead', 'stopped', 3],
    ['failed', 'failed', 'failed', 3],
    ['maintenance', 'cleaning', 'stopped', 3],
  ])('%s (%s) is %s', (active, sub, state, second) => {
    const report = serviceReport('a.service', properties({ ActiveState: active, SubState: sub, ...stamps }));
    expect(report).toEqual({ unit: 'a.service', state, detail: sub, since: `2026-01-06T10:00:0${second}.000Z` });
    expect(ServiceReport.safeParse(report).success).toBe(true);
  });

  it.each([
    [
      { LoadState: 'not-found', ActiveState: 'inactive' },
      { state: 'missing', detail: 'not-found', since: null },
    ],
    [
      { LoadState: 'masked', ActiveState: 'inactive', SubState: 'dead' },
      { state: 'stopped', detail: 'masked' },
    ],
    [
      { LoadState: 'bad-setting', ActiveState: 'inactive', SubState: 'dead' },
      { state: 'failed', detail: 'bad-setting' },
    ],
    [
      { LoadState: 'masked', ActiveState: 'active', SubState: 'running' },
      { state: 'running', detail: 'running' },
    ],
    [{ ActiveState: 'inactive', SubState: 'dead', InactiveEnterTimestamp: '' }, { since: null }],
  ])('%j', (values, report) => expect(serviceReport('a.service', properties(values))).toMatchObject(report));

  it('is not invented', () => {
    expect(serviceReport('a.service', properties({ ActiveState: 'quantum' }))).toBeUndefined();
    expect(serviceReport('a.service', new Map())).toBeUndefined();
  });
});

describe('time stamps', () => {
  it.each([
    ['Tue 2026-01-06 10:00:00 UTC', '2026-01-06T10:00:00.000Z'],
    ['Tue 2026-01-06 10:00:00.123456 UTC', '2026-01-06T10:00:00.000Z'],
    ['@1767693600', '2026-01-06T10:00:00.000Z'],
    ['@0', null],
    ['n/a', null],
    ['', null],
    [undefined, null],
    ['0', null],
    ['Tue 2026-01-06 10:00:00 CET', null],
    ['Tue 2026-13-45 10:00:00 UTC', null],
  ])('%s', (text, time) => expect(readTimestamp(text)).toBe(time));
});

const answering = (result: RunResult): { run: RunProgram; calls: string[][] } => {
  const calls: string[][] = [];
  return {
    calls,
    run: (argv) => {
      calls.push([...argv]);
      return Promise.resolve(result);
    },
  };
};
const done = (stdout: string): RunResult => ({ kind: 'done', status: 0, stdout, stderr: '' });

describe('systemctl show', () => {
  const two = 'Id=ssh.service\nLoadState=loaded\nDescription=a=b\n\nId=x.service\nLoadState=not-found\n';

  it('is read block by block', () => {
    expect(parseShow(two).map((one) => Object.fromEntries(one))).toEqual([
      { Id: 'ssh.service', LoadState: 'loaded', Description: 'a=b' },
      { Id: 'x.service', LoadState: 'not-found' },
    ]);
    expect(parseShow('\n\n')).toEqual([]);
  });

  it('is asked once for all units, whose names cannot be options', async () => {
    const { run, calls } = answering(done(two));
    expect(await showUnits(run, ['sshd.service', 'x.service'])).toHaveProperty('units.length', 2);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.slice(0, 2)).toEqual(['systemctl', 'show']);
    expect(calls[0]?.slice(-3)).toEqual(['--', 'sshd.service', 'x.service']);
  });

  it.each([
    [done(two), /2 answers for 1 units/],
    [done(''), /0 answers for 1 units/],
    [{ kind: 'absent' } as const, /no such program/],
    [{ kind: 'failed', reason: 'no answer within 8 s' } as const, /no answer within 8 s/],
    [
      { kind: 'done', status: 1, stdout: '', stderr: 'Failed to connect to bus: No such file' } as const,
      /exit status 1: Failed to connect to bus/,
    ],
  ])('gives no states when it fails', async (result, reason) => {
    const shown = await showUnits(answering(result).run, ['a.service']);
    expect(shown).toEqual({ failure: expect.stringMatching(reason) });
  });
});

describe('systemctl list-units', () => {
  it('takes the first word of each line, whatever marks stand before it', () => {
    const text =
      'a.service loaded active running A\n● b.service loaded failed failed B\n* c@1.service x\n  d.timer y\n\n-.mount z\n--evil x\n';
    expect(parseList(text)).toEqual(['a.service', 'b.service', 'c@1.service', 'd.timer']);
  });

  it('passes patterns as they are', async () => {
    const { run, calls } = answering(done(''));
    expect(await listUnits(run, ['slurm*.service', 'x?.service'])).toEqual({ names: [] });
    expect(calls[0]?.slice(-3)).toEqual(['--', 'slurm*.service', 'x?.service']);
  });

  it('says why it failed', async () => {
    expect(await listUnits(answering({ kind: 'failed', reason: 'ended by SIGKILL' }).run, ['a*.service'])).toEqual({
      failure: 'systemctl list-units: ended by SIGKILL',
    });
  });
});
