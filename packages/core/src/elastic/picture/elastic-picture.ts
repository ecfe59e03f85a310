/*
 * What the planner of nodes on demand looks at. Times are milliseconds of one clock, the database's; sizes are bytes; money is an integer
 * of millionths of the currency's unit for an hour (`pricePerHourMicros`), so that sums are exact and a cap is never missed by rounding.
 */

/** A kind of machine that can be had. The order in which types are configured never matters. */
export type InstanceType = {
  /** Unique over all providers. */
  readonly name: string;
  readonly provider: string;
  /** The pool its machines belong to: limits, headroom and revision are set for each. */
  readonly pool: string;
  /** What the provider counts its quota and capacity by; empty where it has no such groups. */
  readonly family: string;
  /** 0: unknown, and taken for enough. So with memory and scratch. */
  readonly cores: number;
  /** As sold; what jobs can have of it is this times `memoryFactor`. */
  readonly memoryBytes: number;
  readonly scratchBytes: number;
  /** 0: none. */
  readonly gpus: number;
  /** Words that a job may ask for: a partition, a model of GPU, a zone. */
  readonly features: readonly string[];
  /** For owned machines what their power costs. */
  readonly pricePerHourMicros: number;
  /** May be taken away by the provider. */
  readonly spot: boolean;
  /** Machines that are there for good, and are powered on and off instead of made and destroyed. */
  readonly owned: boolean;
  /** Overrides the configuration's. */
  readonly memoryFactor: number | null;
  /** Overrides the configuration's: other providers sell other periods. Empty: always open. */
  readonly windowsMinutes: readonly number[] | null;
};

/** What is needed of one machine. */
export type Need = {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly scratchBytes: number;
  readonly gpus: number;
  /** The whole machine, whatever it has. */
  readonly exclusive: boolean;
};

/** A job that waits. Running ones stand in the records of their nodes, and never here too. */
export type Job = Need & {
  readonly id: string;
  /** Higher goes first; among equals who came first. */
  readonly priority: number;
  readonly submittedAtMs: number;
  /** Machines at once, all or none; the need is of each. What is no positive number counts as 1. */
  readonly nodes: number;
  /** All of them. */
  readonly features: readonly string[];
  /** Names of types it may run on; empty: any. */
  readonly types: readonly string[];
  /** Pools it may run in; empty: any. */
  readonly pools: readonly string[];
  /** Whether it may run on machines that can be taken away. */
  readonly spotAllowed: boolean;
};

/** Work that is on a node. */
export type RunningWork = Need & { readonly jobId: string };

/** A machine as its provider has it, one that was asked for and is not listed yet included. */
export type Instance = {
  /** The provider's; of one that was only asked for the token it was asked for with. */
  readonly id: string;
  /** As tagged. A type that is not configured any more counts as invalid. */
  readonly typeName: string;
  /** `creating`: asked for, or powered on, and not there yet. `stopping`: going, and not to be held up. `off`: owned, and powered off. */
  readonly state: 'creating' | 'running' | 'stopping' | 'off';
  /** The provider's own time of creation, or of the last power on: paid periods are counted from it. */
  readonly createdAtMs: number;
  /** While it is created: whether it can still be taken back, since no machine was made. */
  readonly cancellable: boolean;
  /** When the stop under way was asked for. */
  readonly stopAskedAtMs: number | null;
  /** The provider calls it broken. */
  readonly broken: boolean;
  /**
   * What people have said of it. `run`: nothing. `protect`: it works and is never stopped. `hold`: it gets no work and is never stopped.
   * `drain`: it gets no work and is stopped once it has none.
   */
  readonly behaviour: 'run' | 'protect' | 'hold' | 'drain';
  /** The image and configuration it was made from. */
  readonly revision: string;
};

/** A node as the queue has it. */
export type NodeRecord = {
  readonly name: string;
  /** Which machine said it was this node at its first ping. */
  readonly instanceId: string | null;
  /** `null`: the queue says nothing. */
  readonly state: 'idle' | 'busy' | 'down' | 'failed' | null;
  /** Who keeps new work off it. */
  readonly drain: 'planner' | 'person' | null;
  /** Of the machine that is this node now. */
  readonly firstPingAtMs: number | null;
  readonly lastPingAtMs: number | null;
  /** When the queue saw it idle or busy for the first time since its machine started. */
  readonly readyAtMs: number | null;
  /** When the record was last written. */
  readonly changedAtMs: number;
  /** When it was last given to a machine that was asked for. */
  readonly assignedAtMs: number | null;
  /** Its place in the queue's table of nodes; null where it has none. */
  readonly slot: number | null;
  readonly running: readonly RunningWork[];
};

/** Something that went wrong not long ago. Older ones may be left out, and all of them: that only makes another try fail. */
export type RecentFailure = {
  readonly kind: 'quota' | 'capacity' | 'rate-limit' | 'transient' | 'boot';
  readonly atMs: number;
  readonly typeName: string;
  /** How far the lack of capacity goes. */
  readonly scope: 'type' | 'family' | 'pool' | 'provider';
  /** How many machines of the provider there were when it spoke of its quota. */
  readonly instancesThen: number;
  /** As the provider asked. */
  readonly retryAfterMs: number | null;
  /** Of a boot that failed: which machine, and what it was made from. */
  readonly instanceId: string | null;
  readonly revision: string;
};

/** When something holds: days from 0, Sunday, and minutes of the day from `fromMinute` to before `toMinute`; over midnight where that is less. */
export type Schedule = {
  /** Empty: every day. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Of the place whose days these are; east is positive. */
  readonly utcOffsetMinutes: number;
};

/** Machines kept ready. `spare`: so many without work beyond what waits (headroom). `total`: so many up in all (a warm pool). */
export type ReadyRule = {
  readonly kind: 'spare' | 'total';
  readonly nodes: number;
  /** Null: always. */
  readonly schedule: Schedule | null;
};

export type PoolConfig = {
  readonly name: string;
  readonly minNodes: number;
  readonly maxNodes: number | null;
  readonly maxPricePerHourMicros: number | null;
  readonly ready: readonly ReadyRule[];
  /** The image and configuration its machines are made from; those with another one are replaced. Null: any will do. */
  readonly revision: string | null;
  /** How many machines may be drained at once because their revision is another one. */
  readonly disruptedAtOnce: number;
};

export type ElasticConfig = {
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Of all machines together, and so of each job; null: no cap. */
  readonly maxPricePerHourMicros: number | null;
  /** A pool that types name and that is not here has no limits of its own. */
  readonly pools: readonly PoolConfig[];
  /** The share of a machine's memory that jobs can have. */
  readonly memoryFactor: number;
  /** Minutes since creation, closed and open in turn, repeated for ever. Empty: always open. */
  readonly windowsMinutes: readonly number[];
  /** How many looks in a row must find a node idle. */
  readonly idleLooks: number;
  /** Jobs that share a machine at most; 1: each has its own; null: as many as fit. */
  readonly jobsPerNode: number | null;
  /** A job is put on no machine dearer than the cheapest that fits it times this; null: on any that fits. */
  readonly maximumPriceFactor: number | null;
  /** Who comes first under the price cap: `queue`: the job that does; `round-robin`: one machine of each type in turn, dearest first. */
  readonly priceCapOrder: 'queue' | 'round-robin';
  /** Whether machines without work are stopped outside their window where a job waits for their place under a limit. */
  readonly freeAtLimit: boolean;
  /** Observations that are older are no ground for anything. */
  readonly staleAfterMs: number;
  /** A machine that is no working node by then has failed to boot. */
  readonly bootFailAfterMs: number;
  /** A record, or a ping, that is older says nothing any more. */
  readonly nodeStaleAfterMs: number;
  /** A stop that takes longer is asked for again, and told. */
  readonly stopStuckAfterMs: number;
  /** How long a provider's word on its quota keeps from trying one more. */
  readonly quotaProbeAfterMs: number;
  /** How long a lack of capacity keeps from trying again; doubles with each in a row. */
  readonly capacityBackoffMs: number;
  readonly capacityBackoffMaxMs: number;
  /** So many boots of one revision in one pool that failed, and none that succeeded since, end the spending on it. */
  readonly badImageFailures: number;
  /** Nothing is made or stopped while more nodes than this, and more than this share, look ill. */
  readonly brakeNodes: number;
  readonly brakeShare: number;
  /** How long a node may work without a machine at its provider before that is told. */
  readonly disagreementAlertAfterMs: number;
};

/** What the caller may keep from one plan to the next, as the plan gave it. Without it stops and alerts come later, and nothing else. */
export type Kept = {
  /** By instance: looks in a row that found it idle, and when the last one was. */
  readonly idle: ReadonlyMap<string, { readonly looks: number; readonly seenAtMs: number }>;
  /** By record: since when it has worked without a machine. */
  readonly withoutInstanceSinceMs: ReadonlyMap<string, number>;
};

/** When each observation was made as a whole. */
export type ObservedAt = { readonly instancesMs: number; readonly recordsMs: number; readonly jobsMs: number };

/** Everything that decides. Immutable. */
export type ElasticPicture = {
  readonly nowMs: number;
  readonly observedAt: ObservedAt;
  readonly types: readonly InstanceType[];
  readonly instances: readonly Instance[];
  readonly records: readonly NodeRecord[];
  readonly jobs: readonly Job[];
  readonly failures: readonly RecentFailure[];
  readonly config: ElasticConfig;
  readonly kept: Kept | null;
};
