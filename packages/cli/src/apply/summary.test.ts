import type { ApplyResult, Cluster, ClusterHost, HostOutcome } from '@muster/provision';
import { describe, expect, it } from 'vitest';
import { type FinishedApply, jsonSummary, textSummary } from './summary.ts';

const hostOf = (name: string): ClusterHost => ({
  name,
  roles: ['worker'],
  groups: ['worker'],
  connection: { host: name, address: name },
  variables: new Map(),
});
const hosts = ['boss', 'web1', 'web2'].map(hostOf);
const cluster: Cluster = { hosts, driver: hosts[0]!, management: [hosts[0]!], withoutRole: [], slurmControllers: [] };
const failure = { host: 'web2', phase: 'agent', kind: 'failed', message: 'tar: disk full\n\u001B[2J' };

/** A run that ended so for each of its hosts. */
function finished(
  statuses: Record<string, HostOutcome['status']>,
  change: Partial<ApplyResult> = {},
  rest: Partial<FinishedApply> = {},
): FinishedApply {
  const outcomes = new Map(Object.entries(statuses).map(([host, status]) => [host, [{ host, status, changes: [], seconds: 1 }]]));
  const failures = new Map(statuses['web2'] === 'failed' ? [['web2', failure]] : []);
  return { cluster, result: { outcomes, failures, notDone: [], ...change }, seconds: 2.345, dryRun: false, ...rest };
}

describe('the end of an apply', () => {
  it.each([
    ['nothing changed', finished({ boss: 'unchanged', web1: 'unchanged', web2: 'unchanged' })],
    ['2 changed, 1 unchanged', finished({ boss: 'changed', web1: 'changed', web2: 'unchanged' })],
    ['1 changed, 1 unchanged, 1 failed', finished({ boss: 'changed', web1: 'unchanged', web2: 'failed' })],
    ['0 changed, 2 unchanged, 1 failed', finished({ boss: 'unchanged', web1: 'unchanged', web2: 'failed' })],
    ['1 changed, 0 unchanged', finished({ boss: 'changed' }, { notDone: ['web1', 'web2'] })],
    [
      '3 would change, nothing was changed',
      finished({ boss: 'would-change', web1: 'would-change', web2: 'would-change' }, {}, { dryRun: true }),
    ],
  ])('is counted: %s', (counted, apply) => {
    expect(textSummary(apply)).toContain(`\n3 hosts: ${counted} in 2.3 s\n`);
  });

  it('names each failure with its phase, in one harmless line, and the way on', () => {
    const text = textSummary(finished({ boss: 'unchanged', web1: 'unchanged', web2: 'failed' }, { panelUrl: 'https://x:7420' }));
    expect(text).toContain('  web2: failed in agent: tar: disk full | \uFFFD[2J\n');
    expect(text).toContain('run the same command again');
    expect(text).not.toContain('Panel');
  });

  it('names the hosts that an interruption left, and those without a role', () => {
    const text = textSummary(finished({}, { notDone: ['web1', 'web2'] }, { cluster: { ...cluster, withoutRole: ['lonely'] } }));
    expect(text).toContain('Interrupted before these were done: web1, web2\n');
    expect(text).toContain('in neither [driver] nor [worker]: lonely\n');
  });

  it('shows the panel, and the way in: the link when one was made', () => {
    const good = { boss: 'changed', web1: 'unchanged', web2: 'unchanged' } as const;
    const links = { panelUrl: 'https://10.0.0.10:7420', signInUrl: 'https://10.0.0.10:7420/sign-in#secret' };
    expect(textSummary(finished(good, links))).toContain(`  Panel    ${links.panelUrl}\n  Sign in  ${links.signInUrl}   (once`);
    expect(textSummary(finished(good, { panelUrl: links.panelUrl }))).toContain('  Sign in  run "sudo muster sign-in-link" on boss\n');
  });

  it('is one object for programs, without the secret link', () => {
    const apply = finished(
      { boss: 'changed', web1: 'unchanged', web2: 'failed' },
      { panelUrl: 'https://10.0.0.10:7420', signInUrl: 'https://10.0.0.10:7420/sign-in#secret' },
    );
    expect(jsonSummary(apply)).toEqual({
      event: 'finished',
      seconds: 2.345,
      hosts: 3,
      changed: 1,
      wouldChange: 0,
      failed: 1,
      failures: [failure],
      notDone: [],
      panelUrl: 'https://10.0.0.10:7420',
    });
  });
});
