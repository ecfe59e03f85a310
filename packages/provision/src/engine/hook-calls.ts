import { fanOut } from '@muster/ssh';
import { failureOf } from './failure.ts';
import type { HookMoment } from './hooks.ts';
import type { HostRun, Run } from './phase.ts';
import type { HostOutcome } from './run-phases.ts';

/** What a hook is told of a host, besides the moment. */
type Told = { readonly host: HostRun; readonly result?: string };

/**
 * Calls one hook for each host, as many at once as the run has forks, and marks the hosts for which it failed. Without such a hook, and in
 * a dry run, nothing happens. The outcomes of those that failed.
 */
export async function callHooks(
  run: Run,
  { when, phase }: Pick<HookMoment, 'when' | 'phase'>,
  hosts: readonly Told[],
): Promise<HostOutcome[]> {
  const { hooks } = run;
  if (hooks === undefined || run.dryRun || !hooks.has(when, phase)) return [];
  const named = phase === undefined ? {} : { phase };
  const results = await fanOut(
    hosts.filter(({ host: { part } }) => part === undefined),
    run.forks,
    ({ host, result }) => hooks.call({ when, ...named, host: host.host, ...(result === undefined ? {} : { result }) }, run.signal),
    { signal: run.signal },
  );
  return results.flatMap((one): HostOutcome[] => {
    if (one.status !== 'failed') return [];
    const { host } = one.item;
    host.failed = true;
    const failure = failureOf(phase ?? `hook ${when}`, host.host.name, one.error);
    return [{ host: host.host.name, status: 'failed', changes: [], seconds: 0, failure }];
  });
}
