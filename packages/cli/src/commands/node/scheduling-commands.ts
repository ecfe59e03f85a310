import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, maxRangeInQuery, type NodeActionResult } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { interruption } from '../../interruption.ts';
import { durationOption } from '../../output/options.ts';
import { actOnRange, sentence } from './act-on-range.ts';

type DrainOptions = { reason: string; deadline?: number; wait?: boolean };

/** `muster node cordon|uncordon|drain`: whether new work may come. */
export function addSchedulingCommands(node: Command): void {
  node
    .command('cordon')
    .argument('<range>', 'nodes')
    .description('let nothing new come to nodes; what runs goes on')
    .option('--reason <text>', 'why, for whoever finds them so', '')
    .addHelpText('after', '\nExample:\n  muster node cordon rack1 --reason "new switch"')
    .action(async (range: string, { reason }: { reason: string }, command: Command) => {
      process.stdout.write(sentence(await actOnRange(range, { action: 'cordon', reason }, command), 'cordoned'));
    });
  node
    .command('uncordon')
    .argument('<range>', 'nodes')
    .description('let new work come to nodes again; ends a drain too')
    .addHelpText('after', '\nExample:\n  muster node uncordon rack1')
    .action(async (range: string, _options: object, command: Command) => {
      process.stdout.write(sentence(await actOnRange(range, { action: 'uncordon' }, command), 'open again'));
    });
  node
    .command('drain')
    .argument('<range>', 'nodes')
    .description('let nothing new come to nodes, and wait for what runs: they are drained when nothing does any more')
    .option('--reason <text>', 'why, for whoever finds them so', '')
    .option('--deadline <duration>', 'after so long a warning says what still runs; the drain goes on', durationOption)
    .option('--wait', 'end when all are drained; with 1 when the deadline passes before')
    .addHelpText('after', '\nExamples:\n  muster node drain node07 --reason "bad fan"\n  muster node drain rack1 --deadline 30m --wait')
    .action(drain);
}

async function drain(range: string, { reason, deadline, wait }: DrainOptions, command: Command): Promise<void> {
  const act = { action: 'drain' as const, reason, ...(deadline === undefined ? {} : { deadlineSeconds: deadline }) };
  const result = await actOnRange(range, act, command);
  process.stdout.write(sentence(result, 'being drained'));
  if (wait !== true) return;
  const signal = interruption();
  await untilDrained(serverClient(command), result, deadline, signal);
  if (signal.aborted) process.exitCode = 130;
  else process.stdout.write(sentence(result, 'drained'));
}

const lookMs = 500;

async function untilDrained(client: Client, { range }: NodeActionResult, deadline: number | undefined, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  while (!signal.aborted) {
    const left = await stillDraining(client, range);
    if (left.length === 0) return;
    if (deadline !== undefined && performance.now() - startedMs > deadline * 1000)
      throw new CliError(
        `Not drained by the deadline: ${left.join(', ')}. The drain goes on; "muster node show NAME" and its tasks say why.`,
      );
    await sleep(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Names of the nodes that are still being drained; one that somebody removed or opened again is awaited no longer. */
async function stillDraining(client: Client, range: string): Promise<string[]> {
  const { items } = await client.listNodes({ query: { filter: ['scheduling:draining'], limit: 1000 } });
  if (items.length === 0) return [];
  const meant = range.length > maxRangeInQuery ? undefined : await meantNames(client, range);
  return items.map(({ name }) => name).filter((name) => meant?.has(name) ?? true);
}

async function meantNames(client: Client, range: string): Promise<Set<string> | undefined> {
  // A node of the range may be gone: then whatever is being drained is looked at.
  const expanded = await client.expandRange({ body: { range, allowEmpty: true } }).catch(() => undefined);
  return expanded === undefined ? undefined : new Set(expanded.names);
}
