import type { Kept } from '../picture/elastic-picture.ts';

/** Why a machine is asked for, or powered on. */
export type WantedBecause = 'jobs' | 'minimum' | 'spare';
/** Why a machine goes, or is emptied to go. */
export type StopBecause =
  | 'not-needed'
  | 'frees-place'
  | 'boot-failed'
  | 'node-down'
  | 'node-failed'
  | 'invalid-type'
  | 'other-revision'
  | 'asked-for'
  | 'stuck';
/** Why a machine that is drained goes back to work. */
export type UndrainBecause = 'needed-again' | 'not-eligible' | 'busy';
/** Why nothing is done about a machine. */
export type LeftBecause =
  | 'busy'
  | 'needed'
  | 'kept-ready'
  | 'booting'
  | 'idle-looks'
  | 'window-closed'
  | 'draining'
  | 'drained-by-person'
  | 'protected'
  | 'held'
  | 'stale-record'
  | 'stopping'
  | 'off'
  | 'halted';
/** Why a job does not get a machine now. */
export type WaitingBecause =
  | 'max-nodes'
  | 'pool-max-nodes'
  | 'price-cap'
  | 'pool-price-cap'
  | 'quota'
  | 'capacity'
  | 'rate-limit'
  | 'bad-image'
  | 'no-owned-machine'
  | 'halted';
/** Why a job can never have a machine under this configuration. */
export type UnsatisfiableBecause = 'no-type-fits' | 'more-than-max-nodes' | 'dearer-than-cap';
export type HaltBecause = 'stale-observation' | 'brake';
export type AlertCode = 'node-without-instance' | 'bad-image' | 'brake' | 'stop-stuck' | 'stale-observation';

/** A machine to ask the provider for. Each line is one; two lines that are alike are two machines. */
export type CreateLine = {
  readonly typeName: string;
  readonly pool: string;
  readonly because: WantedBecause;
  readonly message: string;
  /** The jobs it is for, in their order. */
  readonly jobIds: readonly string[];
  /** A record of an earlier node that can be used again. */
  readonly record: string | null;
};

type InstanceLine<Because extends string> = {
  readonly instanceId: string;
  /** The node, where one is paired. */
  readonly node: string | null;
  readonly because: Because;
  /** Why, in words. */
  readonly message: string;
};
/** A machine that is owned and off, to be powered on. */
export type PowerOnLine = InstanceLine<WantedBecause> & { readonly jobIds: readonly string[] };
export type StopLine = InstanceLine<StopBecause>;
export type UndrainLine = InstanceLine<UndrainBecause>;
export type LeftLine = InstanceLine<LeftBecause>;
/** What waits for a machine that is there already, or comes. */
export type ServedLine = { readonly instanceId: string; readonly jobIds: readonly string[] };
/** Jobs that wait for the same reason. */
export type WaitingLine = { readonly because: WaitingBecause; readonly message: string; readonly jobIds: readonly string[] };
/** A job that should be told so, and taken from the queue. */
export type UnsatisfiableLine = { readonly jobId: string; readonly because: UnsatisfiableBecause; readonly message: string };
export type Alert = {
  readonly code: AlertCode;
  /** Node, instance or pool that it is about. */ readonly about: string;
  readonly message: string;
};

/** How things stand, and would after the plan. */
export type PlanFigures = {
  /** Machines that work or come: no job waits for another one while these have room. */
  readonly up: number;
  /** All that count toward the maximum: those that are ill or going included. */
  readonly total: number;
  readonly pricePerHourMicros: number;
  /** With what the plan asks for. */
  readonly totalAfter: number;
  readonly pricePerHourMicrosAfter: number;
};

/**
 * What to do now, each line with its reason, and why nothing is done about everything else. Every instance stands in exactly one line of
 * `cancelCreate`, `drain`, `undrain`, `stop`, `powerOn`, `powerOff` and `left`; every job in exactly one of `create`, `powerOn`, `served`,
 * `waiting` and `unsatisfiable`, or, where it needs several machines, with each of them.
 */
export type ElasticPlan = {
  /** Set: nothing is made or stopped, and why. */
  readonly halted: { readonly because: HaltBecause; readonly message: string } | null;
  readonly create: readonly CreateLine[];
  readonly cancelCreate: readonly StopLine[];
  readonly drain: readonly StopLine[];
  readonly undrain: readonly UndrainLine[];
  readonly stop: readonly StopLine[];
  readonly powerOn: readonly PowerOnLine[];
  readonly powerOff: readonly StopLine[];
  readonly served: readonly ServedLine[];
  readonly waiting: readonly WaitingLine[];
  readonly unsatisfiable: readonly UnsatisfiableLine[];
  readonly left: readonly LeftLine[];
  readonly alerts: readonly Alert[];
  readonly figures: PlanFigures;
  /** To be handed in with the next picture. */
  readonly kept: Kept;
};
