import { canBeTakenBack, type NodeSight } from '../sight/node-sight.ts';
import type { Alert, LeftBecause, LeftLine, StopBecause, StopLine, UndrainBecause, UndrainLine } from './elastic-plan.ts';
import { readableMinutes } from './words.ts';

/** The lines about machines that are there, as they are decided. */
export class PlanDraft {
  readonly cancelCreate: StopLine[] = [];
  readonly drain: StopLine[] = [];
  readonly undrain: UndrainLine[] = [];
  readonly stop: StopLine[] = [];
  readonly powerOff: StopLine[] = [];
  readonly left: LeftLine[] = [];
  readonly alerts: Alert[] = [];
  readonly #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** Lets a machine go by the way it has: taken back while none was made, powered off where it is owned, stopped else. */
  end(sight: NodeSight, because: StopBecause): void {
    const line = { ...subject(sight), because, message: stopWords[because](sight) };
    if (canBeTakenBack(sight)) this.cancelCreate.push(line);
    else if (sight.ranked?.type.owned === true) this.powerOff.push(line);
    else this.stop.push(line);
  }

  empty(sight: NodeSight, because: StopBecause): void {
    this.drain.push({ ...subject(sight), because, message: `${stopWords[because](sight)} It is drained first.` });
  }

  resume(sight: NodeSight, because: UndrainBecause): void {
    this.undrain.push({ ...subject(sight), because, message: undrainWords[because] });
  }

  leave(sight: NodeSight, because: LeftBecause): void {
    this.left.push({
      instanceId: sight.instance.id,
      node: sight.record?.name ?? null,
      because,
      message: leftWords[because](sight, this.#nowMs),
    });
  }
}

const subject = ({ instance, record }: NodeSight): { instanceId: string; node: string | null } => ({
  instanceId: instance.id,
  node: record?.name ?? null,
});

const stopWords: Readonly<Record<StopBecause, (sight: NodeSight) => string>> = {
  'not-needed': ({ idleLooks }) =>
    idleLooks > 0
      ? `Idle for ${idleLooks} looks, no job waits for it, and its paid period is about to end.`
      : 'No job waits for it any more.',
  'frees-place': () => 'It is idle, and a job that it does not fit waits for its place under a limit.',
  'boot-failed': ({ record }) =>
    record === null
      ? 'It did not become a node in the time it has to start.'
      : 'It came, and was never a working node in the time it has to start.',
  'node-down': () => 'Its node is down, and its paid period is about to end.',
  'node-failed': () => 'The queue calls its node failed.',
  'invalid-type': ({ instance }) => `Its type ${instance.typeName} is not configured.`,
  'other-revision': ({ instance }) => `It was made from ${instance.revision}, and its pool wants another revision.`,
  'asked-for': () => 'Somebody asked for it to be drained.',
  stuck: () => 'Its stop has taken too long, and is asked for again.',
};

const undrainWords: Readonly<Record<UndrainBecause, string>> = {
  'needed-again': 'A job waits that it fits: it goes back to work instead of another one being made.',
  'not-eligible': 'It is no longer to be stopped: its window has closed, or it is kept ready.',
  busy: 'A job began on it before it was drained: it works on.',
};

const leftWords: Readonly<Record<LeftBecause, (sight: NodeSight, nowMs: number) => string>> = {
  busy: () => 'It works.',
  needed: () => 'A job that waits fits it.',
  'kept-ready': () => 'It is kept ready: for the minimum, or as headroom.',
  booting: () => 'It starts.',
  'idle-looks': ({ idleLooks }) => `Idle for ${idleLooks} ${idleLooks === 1 ? 'look' : 'looks'} only.`,
  'window-closed': ({ window }, nowMs) =>
    window.nextOpeningMs === null
      ? 'Its window never opens.'
      : `It is paid for; its window opens in ${readableMinutes(window.nextOpeningMs - nowMs)}.`,
  draining: () => 'It is drained, and still works.',
  'drained-by-person': () => 'Somebody has drained it, and decides what becomes of it.',
  protected: () => 'It is protected from being stopped.',
  held: () => 'It is held: it gets no work, and is not stopped.',
  'stale-record': () => 'What the queue says of it is too old to act upon.',
  stopping: () => 'It is being stopped.',
  off: () => 'It is off, and nothing needs it.',
  halted: () => 'Nothing is done now.',
};
