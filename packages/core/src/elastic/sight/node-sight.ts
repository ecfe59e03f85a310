import type { RankedType } from '../fit/type-table.ts';
import type { ElasticConfig, Instance, Kept, NodeRecord } from '../picture/elastic-picture.ts';
import { type StopWindow, stopWindow } from '../windows/stop-window.ts';

/**
 * What a machine and its node are taken together. `stale`: its record is too old to say anything. `invalid`: of a type that is not configured.
 * `down` is a node that does not answer, and one that never came; `everReady` tells them apart.
 */
export type NodeState = 'creating' | 'unpaired' | 'idle' | 'busy' | 'down' | 'failed' | 'stale' | 'invalid' | 'stopping' | 'off';

/** One machine as the planner sees it. */
export type NodeSight = {
  readonly instance: Instance;
  readonly record: NodeRecord | null;
  /** Null where its type is not configured any more. */
  readonly ranked: RankedType | null;
  readonly state: NodeState;
  /** Whether it is past the time in which it had to become a working node. */
  readonly bootExceeded: boolean;
  /** Whether it ever was a working node since its start. */
  readonly everReady: boolean;
  /** Whether it was heard not long ago. */
  readonly heard: boolean;
  readonly window: StopWindow;
  /** Looks in a row that found it idle, this one included. */
  readonly idleLooks: number;
};

export type SightWorld = {
  readonly config: ElasticConfig;
  readonly nowMs: number;
  readonly recordsAtMs: number;
  readonly typeOf: ReadonlyMap<string, RankedType>;
  readonly kept: Kept | null;
};

/** Tells what a machine and its record are now. */
export function sightOf(instance: Instance, record: NodeRecord | null, world: SightWorld): NodeSight {
  const { config, nowMs, typeOf } = world;
  const ranked = typeOf.get(instance.typeName) ?? null;
  const bootExceeded = nowMs - instance.createdAtMs >= config.bootFailAfterMs;
  const lastPingAtMs = record?.lastPingAtMs ?? null;
  const heard = lastPingAtMs === null || nowMs - lastPingAtMs <= config.nodeStaleAfterMs;
  const state = stateOf({ instance, record, ranked, bootExceeded, heard }, world);
  return {
    instance,
    record,
    ranked,
    state,
    bootExceeded,
    everReady: record !== null && record.readyAtMs !== null && record.readyAtMs >= instance.createdAtMs,
    heard,
    window: stopWindow(ranked?.type.windowsMinutes ?? config.windowsMinutes, instance.createdAtMs, nowMs),
    idleLooks: state === 'idle' ? looksOf(instance.id, world) : 0,
  };
}

type Seen = Pick<NodeSight, 'instance' | 'record' | 'ranked' | 'bootExceeded' | 'heard'>;

function stateOf(seen: Seen, world: SightWorld): NodeState {
  const { instance, record, ranked, bootExceeded } = seen;
  if (instance.state === 'stopping' || instance.state === 'off') return instance.state;
  // The queue's word on work goes before everything else: stopping computation by mistake costs more than any idle machine.
  if (record !== null && hasWork(record)) return 'busy';
  if (ranked === null) return 'invalid';
  if (record !== null) return recordedState(record, seen, world);
  if (instance.state === 'creating') return 'creating';
  return bootExceeded ? 'down' : 'unpaired';
}

function recordedState(record: NodeRecord, { instance, bootExceeded, heard }: Seen, { nowMs, config }: SightWorld): NodeState {
  if (nowMs - record.changedAtMs > config.nodeStaleAfterMs) return 'stale';
  if (!heard) return 'down';
  if (record.state === 'failed' || record.state === 'idle') return record.state;
  // The queue takes a while to notice a node that has come.
  return record.firstPingAtMs !== null && !bootExceeded && !instance.broken ? 'idle' : 'down';
}

/** Whether a machine that was asked for is not made yet, and can be taken back. */
export const canBeTakenBack = ({ instance }: NodeSight): boolean => instance.state === 'creating' && instance.cancellable;

/** Whether the queue says that it works. */
export const hasWork = ({ state, running }: NodeRecord): boolean => state === 'busy' || running.length > 0;

/** A look counts once for each observation of the queue's nodes, however many plans are made of it. */
function looksOf(id: string, { kept, recordsAtMs }: SightWorld): number {
  const before = kept?.idle.get(id);
  if (before === undefined) return 1;
  return recordsAtMs > before.seenAtMs ? before.looks + 1 : before.looks;
}
