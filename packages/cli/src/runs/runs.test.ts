import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProvisionRun } from '@muster/api';
import { forServer } from '@muster/core';
import type { HostOutcome, RunReporter } from '@muster/provision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedSeconds } from './expected-seconds.ts';
import { RunKeeper } from './keep-runs.ts';
import { readRuns, runFolder, runNamed, writeRun } from './run-folder.ts';
import { recording, recordOfHere } from './run-record.ts';
import { runText } from './show-runs.ts';

const silent: RunReporter = { phaseStarted: () => undefined, hostFinished: () => undefined, phaseFinished: () => undefined };
const outcome = (host: string, status: HostOutcome['status'], change: Partial<HostOutcome> = {}): HostOutcome => ({
  host,
  status,
  changes: [],
  seconds: 2,
  ...change,
});

/** A run over two hosts, of which one fails in the second of two phases that take three seconds each. */
function finishedRun(hosts = ['boss', 'web1'], startMs = Date.parse('2026-01-01T00:00:00Z')) {
  let nowMs = startMs;
  const record = recordOfHere({ command: 'apply', options: ['-i', 'a.ini'], hosts, nowMs: () => nowMs });
  const reporter = recording(record, silent, () => undefined);
  for (const phase of ['connect', 'agent']) {
    reporter.phaseStarted(phase, hosts.length);
    nowMs += 3000;
    reporter.hostFinished(phase, outcome('boss', 'unchanged', { warnings: ['it has swap (swap)'] }));
    if (phase === 'connect')
      reporter.hostFinished(phase, outcome('web1', 'changed', { changes: [{ what: 'write /etc/a', content: 'secret' }] }));
    else {
      const failure = { host: 'web1', phase, kind: 'timeout', message: 'tar: too slow' };
      reporter.hostFinished(phase, outcome('web1', 'failed', { failure }));
    }
    reporter.phaseFinished(phase, []);
  }
  return record;
}

/** As this machine keeps it. */
const kept = (run: ProvisionRun) => ({ ...run, process: process.pid });

describe('the record of a run', () => {
  it('says what became of each host, how long the phases took, and never what a file holds', () => {
    const run = finishedRun().now('failed');
    expect(run).toMatchObject({
      command: 'apply',
      options: ['-i', 'a.ini'],
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:00:06.000Z',
      seconds: 6,
      state: 'failed',
      counts: { hosts: 2, unchanged: 1, failed: 1, changed: 0 },
      phases: [
        { phase: 'connect', seconds: 3 },
        { phase: 'agent', seconds: 3 },
      ],
      hosts: [
        { name: 'boss', status: 'unchanged', failure: null },
        { name: 'web1', status: 'failed', failure: { phase: 'agent', kind: 'timeout', message: 'tar: too slow' } },
      ],
    });
    expect(JSON.stringify(run)).not.toContain('secret');
    expect(runText(run)).toContain('web1: failed, 4.0 s\n  connect: write /etc/a\n  agent: failed: tar: too slow');
  });

  it('counts hosts that it did not come to', () => {
    const record = recordOfHere({ command: 'apply', options: [], hosts: ['boss'], nowMs: () => 0 });
    expect(record.now('interrupted').counts).toMatchObject({ hosts: 1, notDone: 1 });
    expect(record.now('running').finishedAt).toBeNull();
  });

  it('is shorter for the server where it has many hosts of which nothing is to be said', () => {
    const names = ['boss', 'web1', ...Array.from({ length: 200 }, (_, i) => `x${i}`)];
    const run = forServer(finishedRun(names).now('failed'));
    expect(run.hosts.find(({ name }) => name === 'boss')?.phases).toEqual([]);
    expect(run.hosts.find(({ name }) => name === 'web1')?.phases).toHaveLength(2);
  });
});

describe('the folder of runs', () => {
  let folder = '';
  beforeAll(() => (folder = join(mkdtempSync(join(tmpdir(), 'muster-runs-')), 'runs')));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the one of the XDG specification', () => {
    expect(runFolder({ XDG_STATE_HOME: '/state', HOME: '/home/ada' })).toBe('/state/muster/runs');
    expect(runFolder({ XDG_STATE_HOME: 'relative', HOME: '/home/ada' })).toBe('/home/ada/.local/state/muster/runs');
  });

  it('keeps the newest runs, newest first, for their owner only; a broken file is none', async () => {
    expect(await readRuns(folder)).toEqual([]);
    const runs = Array.from({ length: 203 }, (_, i) =>
      kept(finishedRun(undefined, Date.parse('2026-01-01T00:00:00Z') + i * 60_000).now('failed')),
    );
    for (const run of runs) await writeRun(folder, run);
    writeFileSync(join(folder, '2030.json'), '{');
    const found = await readRuns(folder);
    expect([found.length, found[0]?.id]).toEqual([200, runs.at(-1)?.id]);
    expect(
      readdirSync(folder)
        .map((name) => statSync(join(folder, name)).mode & 0o077 && !name.startsWith('2030'))
        .filter(Boolean),
    ).toEqual([]);
    expect(runNamed(found, runs.at(-1)?.id.slice(0, 13) ?? '').id).toBe(runs.at(-1)?.id);
    expect(() => runNamed(found, '')).toThrow('begins the ids of 200 runs');
  });

  it('says of a run that was killed that it was interrupted, and of one that goes on that it runs', async () => {
    const run = kept(finishedRun(undefined, Date.parse('2026-06-01T00:00:00Z')).now('running'));
    await writeRun(folder, run);
    expect((await readRuns(folder))[0]).toMatchObject({ id: run.id, state: 'running' });
    await writeRun(folder, { ...run, process: 2 ** 30 });
    expect((await readRuns(folder))[0]).toMatchObject({ id: run.id, state: 'interrupted', machine: hostname() });
  });
});

describe('a run that cannot be kept', () => {
  it('goes on, and that is said once', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'muster-runs-')), 'file');
    writeFileSync(file, '');
    const said: string[] = [];
    const write = process.stderr.write;
    process.stderr.write = (text) => said.push(String(text)) > 0;
    try {
      const keeper = new RunKeeper({ command: 'apply', options: [], hosts: ['boss'], nowMs: () => 0 }, join(file, 'runs'));
      keeper.hearing(silent).phaseFinished('connect', []);
      await keeper.tellServer({ muster: () => Promise.reject(new Error('no server')) }, 'done');
      await keeper.end('done');
    } finally {
      process.stderr.write = write;
      rmSync(dirname(file), { recursive: true });
    }
    expect(said).toEqual([expect.stringContaining('warning: the run cannot be kept ')]);
  });
});

describe('how long phases may take', () => {
  const run = (seconds: number, change = {}) => ({ ...finishedRun().now('done'), phases: [{ phase: 'agent', seconds }], ...change });
  const like = { command: 'apply', dryRun: false, hosts: 2 } as const;

  it('is the median of the last runs that are alike', () => {
    expect([...expectedSeconds([run(1), run(9), run(2)], like)]).toEqual([['agent', 2]]);
    expect(
      expectedSeconds([run(1, { state: 'failed' }), run(1, { command: 'reset' }), run(1, { options: ['--dry-run'] })], like).size,
    ).toBe(0);
    expect(expectedSeconds([run(1)], { ...like, hosts: 50 }).size).toBe(0);
    expect(expectedSeconds([run(1), run(1), run(1), run(7), run(7), run(7), run(7)], like).get('agent')).toBe(1);
  });
});
