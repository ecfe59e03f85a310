import { styleText } from 'node:util';
import type { ApplyResult, Cluster } from '@muster/provision';
import { oneLine } from '../output/printable.ts';
import { type MissingNodes, missingLines } from './missing-nodes.ts';
import { duringCommand } from './plain-reporter.ts';

/** An apply that is over. */
export type FinishedApply = {
  readonly cluster: Cluster;
  readonly result: ApplyResult;
  readonly seconds: number;
  readonly dryRun: boolean;
  readonly missing?: MissingNodes;
};

function countsOf({ cluster, result: { outcomes, failures, notDone } }: FinishedApply) {
  const left = new Set([...failures.keys(), ...notDone]);
  const saw = (status: string) =>
    cluster.hosts.filter(({ name }) => !left.has(name) && outcomes.get(name)?.some((outcome) => outcome.status === status) === true).length;
  return {
    hosts: cluster.hosts.length,
    changed: saw('changed'),
    wouldChange: saw('would-change'),
    failed: failures.size,
    notDone: notDone.length,
  };
}

/** What happened to the cluster, for people: counts, failures with what to do, where the panel is. */
export function textSummary(finished: FinishedApply): string {
  const { cluster, result, seconds } = finished;
  const lines = [
    `\n${cluster.hosts.length} ${cluster.hosts.length === 1 ? 'host' : 'hosts'}: ${whatHappened(finished)} in ${seconds.toFixed(1)} s`,
    ...[...result.failures.values()].map((one) => `  ${one.host}: failed in ${one.phase}${duringCommand(one)}: ${oneLine(one.message)}`),
    ...(result.notDone.length > 0 ? [`Interrupted before these were done: ${result.notDone.join(', ')}`] : []),
    ...(result.failures.size > 0 ? ['Mend what is named above and run the same command again: it goes on where it ended.'] : []),
    ...(cluster.withoutRole.length > 0 ? [`Not touched, because in neither [driver] nor [worker]: ${cluster.withoutRole.join(', ')}`] : []),
    ...(finished.missing === undefined ? [] : missingLines(finished.missing, cluster.driver?.name ?? 'the management server')),
    ...panelLines(finished),
  ];
  return `${lines.join('\n')}\n`;
}

function whatHappened(finished: FinishedApply): string {
  const { hosts, changed, wouldChange, failed, notDone } = countsOf(finished);
  const tail = failed > 0 ? styleText('red', `, ${failed} failed`, { stream: process.stdout }) : '';
  if (finished.dryRun) return `${wouldChange} would change, nothing was changed${tail}`;
  if (changed + failed + notDone === 0) return 'nothing changed';
  return `${changed} changed, ${hosts - changed - failed - notDone} unchanged${tail}`;
}

function panelLines({ cluster, result: { panelUrl, signInUrl, failures, notDone } }: FinishedApply): string[] {
  if (panelUrl === undefined || failures.size + notDone.length > 0) return [];
  const signIn =
    signInUrl === undefined
      ? `run "sudo muster sign-in-link" on ${cluster.driver?.name ?? 'the driver'}`
      : `${signInUrl}   (once, within 15 minutes)`;
  return [`\n  Panel    ${panelUrl}`, `  Sign in  ${signIn}`];
}

/** The same for programs, as the last line of `-o json`. The one-time link is a secret and stays out of it. */
export function jsonSummary(finished: FinishedApply): object {
  const { result, seconds } = finished;
  return {
    event: 'finished',
    seconds,
    ...countsOf(finished),
    failures: [...result.failures.values()],
    notDone: result.notDone,
    panelUrl: result.panelUrl ?? null,
    ...(finished.missing === undefined
      ? {}
      : {
          missing: finished.missing.left,
          removed: finished.missing.removed,
          ...(finished.missing.problem === undefined ? {} : { notRemoved: finished.missing.problem }),
        }),
  };
}
