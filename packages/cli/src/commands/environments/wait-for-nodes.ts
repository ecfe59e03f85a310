import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, NodeEnvironment } from '@muster/api';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';

export type WaitOptions = { readonly timeoutSeconds: number; readonly pollMs?: number };

const pageSize = 1000;

/** An environment on every node that has it or should, however many pages that takes. */
export async function nodesOf(
  client: Client,
  environment: string,
  query: { state?: 'failed' | 'new' | 'ongoing' | 'success' } = {},
): Promise<NodeEnvironment[]> {
  const all: NodeEnvironment[] = [];
  for (;;) {
    const page = await client.listEnvironmentNodes({ params: { environment }, query: { ...query, limit: pageSize, offset: all.length } });
    all.push(...page.items);
    if (page.items.length === 0 || all.length >= page.total) return all;
  }
}

/**
 * How far nodes are: `pending` are those of which there is still something to hear. `isGone` says of one that was lost in the middle of its
 * work whether it is still awaited.
 */
export function progressOf(
  items: readonly NodeEnvironment[],
  isGone: (item: NodeEnvironment) => boolean = () => false,
): { pending: number; done: number; failed: NodeEnvironment[]; left: number } {
  const settled = items.filter((item) => isSettled(item) || isGone(item));
  return {
    pending: items.length - settled.length,
    done: settled.filter(({ work, sync }) => sync !== 'off' && work?.state === 'success').length,
    failed: settled.filter(({ work }) => work?.state === 'failed'),
    left: settled.filter(({ work, sync }) => sync === 'off' || work === null || work.state === 'new' || work.state === 'ongoing').length,
  };
}

/** Whether nothing more is to be awaited: done, failed, off, or not there to do it. */
function isSettled(item: NodeEnvironment): boolean {
  const { sync, work, wantedVersion } = item;
  if (sync === 'off') return true;
  const isOfNow = work !== null && work.version === wantedVersion;
  if (isOfNow && (work.state === 'success' || work.state === 'failed')) return true;
  // A node that is not connected does it when it is back.
  return isAway(item) && work?.state !== 'ongoing';
}

const isAway = ({ sync, work }: NodeEnvironment): boolean => sync === 'unknown' && (work?.message ?? '').startsWith('Waits for ');

/** A node whose agent only restarts is back before that. */
const goneAfterMs = 15_000;

/** Tells, look by look, which nodes have been away for so long that nobody waits for them. */
function goneNodes(): (items: readonly NodeEnvironment[], nowMs: number) => (item: NodeEnvironment) => boolean {
  let since = new Map<string, number>();
  return (items, nowMs) => {
    since = new Map(items.filter(isAway).map(({ nodeId }) => [nodeId, since.get(nodeId) ?? nowMs]));
    return ({ nodeId }) => nowMs - (since.get(nodeId) ?? nowMs) >= goneAfterMs;
  };
}

/**
 * Waits until every node that is there has done what was scheduled, and says how it goes on standard error.
 * @throws CliError naming the nodes that failed, or those that are not done in time
 */
export async function waitForNodes(look: () => Promise<NodeEnvironment[]>, what: string, options: WaitOptions): Promise<void> {
  const untilMs = performance.now() + options.timeoutSeconds * 1000;
  const stream = process.stderr;
  const gone = goneNodes();
  let said = '';
  for (;;) {
    const items = await look();
    const { pending, done, failed, left } = progressOf(items, gone(items, performance.now()));
    const line = `${what}: ${done} of ${items.length} done${failed.length > 0 ? `, ${failed.length} failed` : ''}${left > 0 ? `, ${left} off or away` : ''}`;
    if (line !== said) stream.write(stream.isTTY ? `\r\u001B[K… ${line}` : `${line}\n`);
    said = line;
    if (pending === 0 || performance.now() > untilMs) {
      if (stream.isTTY) stream.write('\r\u001B[K');
      return report(what, failed, pending, options.timeoutSeconds);
    }
    await sleep(options.pollMs ?? 1000);
  }
}

function report(what: string, failed: readonly NodeEnvironment[], pending: number, timeoutSeconds: number): void {
  if (failed.length > 0) {
    const lines = failed
      .slice(0, 20)
      .map(({ nodeName, environment, work }) => `  ${nodeName}, ${environment}: ${printable(work?.message ?? '')}`);
    throw new CliError(`${what}: failed on ${failed.length} node${failed.length === 1 ? '' : 's'}.\n${lines.join('\n')}`);
  }
  if (pending > 0)
    throw new CliError(
      `${what}: not done on ${pending} node${pending === 1 ? '' : 's'} within ${timeoutSeconds} s; it goes on. See "muster env status".`,
    );
}
