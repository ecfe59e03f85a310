import type { HostOutcome, RunReporter } from '@muster/provision';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jsonReporter } from './json-reporter.ts';
import { liveReporter } from './live-reporter.ts';
import { changeLines, failureLine, phaseSummary, plainReporter } from './plain-reporter.ts';

const outcome = (host: string, status: HostOutcome['status'], change: Partial<HostOutcome> = {}): HostOutcome => ({
  host,
  status,
  changes: [],
  seconds: 1,
  ...change,
});
const file = { what: 'write /etc/a', content: 'one\ntwo\n' };
const outcomes: HostOutcome[] = [
  outcome('boss', 'unchanged', { seconds: 0.2 }),
  outcome('web1', 'changed', { changes: [file, { what: 'start a.service' }] }),
  outcome('web2', 'failed', {
    seconds: 3,
    failure: { host: 'web2', phase: 'agent', kind: 'failed', command: 'install', message: 'tar:\ndisk \u001B[2Jfull' },
  }),
];

/** Tells a reporter of one phase over three hosts, as a run does. */
function tell(reporter: RunReporter, phase = 'agent'): void {
  reporter.phaseStarted(phase, outcomes.length);
  for (const one of outcomes) reporter.hostFinished(phase, one);
  reporter.phaseFinished(phase, outcomes);
}

describe('a phase in words', () => {
  it('counts what became of its hosts, and names the slowest', () => {
    expect(phaseSummary('agent', outcomes)).toBe('agent: 1 changed, 1 unchanged, 1 failed, slowest web2 3.0 s');
    expect(phaseSummary('stage', [outcome('boss', 'would-change')])).toBe('stage: 1 would change, slowest boss 1.0 s');
    expect(phaseSummary('stage', [])).toBe('stage: interrupted before any host was done');
  });

  it('says what was changed and what would be, with the content where that is asked for', () => {
    expect(changeLines(outcome('web1', 'changed', { changes: [file] }), false)).toEqual(['  web1: did write /etc/a']);
    expect(changeLines(outcome('web1', 'would-change', { changes: [file] }), true)).toEqual([
      '  web1: would write /etc/a',
      '    + one',
      '    + two',
    ]);
  });

  it('says of a host that failed what it meant to do, not that it did', () => {
    expect(changeLines(outcome('web2', 'failed', { changes: [file] }), true)).toEqual([]);
  });

  it('tells a failure in one line that moves no cursor, and names the command once', () => {
    expect(failureLine(outcomes[2]!)).toBe('  FAILED web2 [install]: tar: | disk \uFFFD[2Jfull');
    const named = { host: 'web2', phase: 'agent', kind: 'failed', command: 'install', message: 'install failed' };
    expect(failureLine(outcome('web2', 'failed', { failure: named }))).toBe('  FAILED web2: install failed');
  });
});

describe('the plain reporter', () => {
  it('tells each change and failure as it comes, and the phase when it is over', () => {
    const lines: string[] = [];
    tell(plainReporter((line) => lines.push(line), false));
    expect(lines).toEqual([
      '  web1: did write /etc/a',
      '  web1: did start a.service',
      '  FAILED web2 [install]: tar: | disk \uFFFD[2Jfull',
      'agent: 1 changed, 1 unchanged, 1 failed, slowest web2 3.0 s',
    ]);
  });
});

describe('the JSON reporter', () => {
  it('tells one object a line, each of them whole', () => {
    const lines: string[] = [];
    tell(jsonReporter((line) => lines.push(line), true));
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => event['event'])).toEqual([
      'phase-started',
      'host-finished',
      'host-finished',
      'host-finished',
      'phase-finished',
    ]);
    expect(events[0]).toEqual({ event: 'phase-started', phase: 'agent', hosts: 3 });
    expect(events[2]).toEqual({ event: 'host-finished', phase: 'agent', ...outcomes[1] });
    expect(events[4]).toEqual({ event: 'phase-finished', phase: 'agent', hosts: 3, failed: 1 });
  });

  it('tells what files will hold only when it is asked to: there may be secrets', () => {
    const lines: string[] = [];
    const secret = { host: 'web1', status: 'changed' as const, seconds: 1, changes: [{ what: 'write /etc/key', content: 'hush' }] };
    jsonReporter((line) => lines.push(line), false).hostFinished('prepare', secret);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ changes: [{ what: 'write /etc/key' }] });
    expect(lines.join('')).not.toContain('hush');
  });
});

describe('the live reporter', () => {
  let shown = '';
  beforeEach(() => {
    shown = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      shown += String(text);
      return true;
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  it('shows every phase, also those before which one was not needed, and the details below', async () => {
    const { reporter, finish } = liveReporter(['connect', 'server', 'agent'], false);
    tell(reporter, 'connect');
    tell(reporter, 'agent');
    await finish();
    const lines = shown.trimEnd().split('\n');
    const summary = '1 changed, 1 unchanged, 1 failed, slowest web2 3.0 s';
    expect(shown).toContain(`connect: ${summary}`);
    expect(shown).toContain('server: not needed');
    expect(shown).toContain(`agent: ${summary}`);
    expect(lines.slice(-3)).toEqual([
      '  web1: did write /etc/a',
      '  web1: did start a.service',
      '  FAILED web2 [install]: tar: | disk \uFFFD[2Jfull',
    ]);
  });

  it('tells a phase that is not in its block by a line, before the block begins', async () => {
    const { reporter, finish } = liveReporter(['agent'], false);
    tell(reporter, 'connect');
    expect(shown).toBe('connect: 1 changed, 1 unchanged, 1 failed, slowest web2 3.0 s\n');
    tell(reporter);
    await finish();
    expect(shown.indexOf('connect:')).toBeLessThan(shown.indexOf('agent:'));
  });

  it('says about how much is left, where runs before have told how long phases take', async () => {
    const { reporter, finish } = liveReporter(['connect', 'agent', 'verify'], false, new Map(Object.entries({ agent: 100, verify: 40 })));
    reporter.phaseStarted('connect', 3);
    await finish();
    expect(shown).toContain('connect 0 of 3, about 2 min 20 s left');
  });

  it('ends, whenever the run ends', async () => {
    await liveReporter(['connect', 'agent'], false).finish();
    expect(shown).toBe('');
    const { reporter, finish } = liveReporter(['connect', 'agent'], false);
    reporter.phaseStarted('connect', 3);
    await finish();
    expect(shown).toContain('connect 0 of 3');
  });
});
