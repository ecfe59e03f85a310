import {
  elasticDefaults,
  type ElasticConfig,
  type ElasticPicture,
  type Instance,
  type InstanceType,
  type Job,
  type NodeRecord,
  type RecentFailure,
  type RunningWork,
} from '../src/elastic/index.ts';

/* Builders of pictures for the planner: a small and a big type, machines that are nodes for long, and jobs that fit the small one. */

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const GiB = 1024 ** 3;
/** A Wednesday at noon, UTC. */
export const noon = Date.UTC(2026, 0, 7, 12);

export const typeOf = (name: string, change: Partial<InstanceType> = {}): InstanceType => ({
  name,
  provider: 'cloud',
  pool: 'main',
  family: '',
  cores: 1,
  memoryBytes: 4 * GiB,
  scratchBytes: 100 * GiB,
  gpus: 0,
  features: [],
  pricePerHourMicros: 1_000_000,
  spot: false,
  owned: false,
  memoryFactor: null,
  windowsMinutes: null,
  ...change,
});

export const small = typeOf('small');
export const big = typeOf('big', { cores: 4, memoryBytes: 16 * GiB, pricePerHourMicros: 2_000_000 });

export const jobOf = (id: string, change: Partial<Job> = {}): Job => ({
  id,
  priority: 0,
  submittedAtMs: noon - minute,
  nodes: 1,
  cores: 1,
  memoryBytes: GiB,
  scratchBytes: 0,
  gpus: 0,
  exclusive: false,
  features: [],
  types: [],
  pools: [],
  spotAllowed: true,
  ...change,
});

/** So many jobs that fit the small type only one at a time. */
export const jobs = (count: number, change: Partial<Job> = {}, prefix = 'j'): Job[] =>
  Array.from({ length: count }, (_, at) => jobOf(`${prefix}${String(at).padStart(4, '0')}`, change));
/** A job that fits the big type only. */
export const bigJob = (id: string, change: Partial<Job> = {}): Job => jobOf(id, { cores: 4, ...change });

export const workOf = (jobId: string, change: Partial<RunningWork> = {}): RunningWork => ({
  jobId,
  cores: 1,
  memoryBytes: GiB,
  scratchBytes: 0,
  gpus: 0,
  exclusive: false,
  ...change,
});

/** A machine that came half an hour ago: its window is closed, its time to boot over. */
export const instanceOf = (id: string, change: Partial<Instance> = {}): Instance => ({
  id,
  typeName: 'small',
  state: 'running',
  createdAtMs: noon - 30 * minute,
  cancellable: false,
  stopAskedAtMs: null,
  broken: false,
  behaviour: 'run',
  revision: 'r1',
  ...change,
});

/** When its last five minutes run. */
export const inWindow = { createdAtMs: noon - 57 * minute };
export const justMade = { createdAtMs: noon - minute };
export const coming = { state: 'creating' as const, cancellable: true, createdAtMs: noon - minute };

/** The node of a machine: it came a minute after it was made, and was heard just now. */
export function recordOf(instance: Instance, change: Partial<NodeRecord> = {}): NodeRecord {
  const firstPingAtMs = Math.min(noon, instance.createdAtMs + minute);
  return {
    name: `n-${instance.id}`,
    instanceId: instance.id,
    state: 'idle',
    drain: null,
    firstPingAtMs,
    lastPingAtMs: noon - 10 * second,
    readyAtMs: firstPingAtMs,
    changedAtMs: noon - 10 * second,
    assignedAtMs: null,
    slot: null,
    running: [],
    ...change,
  };
}

/** Machine and node at once, to be spread into a picture by `world`. */
export type Known = { readonly instance: Instance; readonly record: NodeRecord | null };

export function known(id: string, instance: Partial<Instance> = {}, record: Partial<NodeRecord> | null = {}): Known {
  const machine = instanceOf(id, instance);
  return { instance: machine, record: record === null ? null : recordOf(machine, record) };
}

export const busy = (id: string, instance: Partial<Instance> = {}, jobId = `job-of-${id}`): Known =>
  known(id, instance, { state: 'busy', running: [workOf(jobId)] });
export const idle = (id: string, instance: Partial<Instance> = {}, record: Partial<NodeRecord> = {}): Known => known(id, instance, record);

export type WorldChange = Partial<Omit<ElasticPicture, 'config'>> & {
  readonly nodes?: readonly Known[];
  readonly config?: Partial<ElasticConfig>;
};

/** A picture at noon with all observations fresh, and every idle node looked at often enough. */
export function world({ nodes = [], config = {}, ...change }: WorldChange = {}): ElasticPicture {
  const instances = [...nodes.map(({ instance }) => instance), ...(change.instances ?? [])];
  const records = [...nodes.flatMap(({ record }) => (record === null ? [] : [record])), ...(change.records ?? [])];
  const nowMs = change.nowMs ?? noon;
  return {
    nowMs,
    observedAt: { instancesMs: nowMs, recordsMs: nowMs, jobsMs: nowMs },
    types: [small, big],
    jobs: [],
    failures: [],
    kept: { idle: new Map(instances.map(({ id }) => [id, { looks: 9, seenAtMs: nowMs - minute }])), withoutInstanceSinceMs: new Map() },
    ...change,
    instances,
    records,
    config: { ...elasticDefaults, maxNodes: 10, ...config },
  };
}

export const failureOf = (kind: RecentFailure['kind'], change: Partial<RecentFailure> = {}): RecentFailure => ({
  kind,
  atMs: noon - 10 * second,
  typeName: 'small',
  scope: 'type',
  instancesThen: 0,
  retryAfterMs: null,
  instanceId: null,
  revision: 'r1',
  ...change,
});

export const names = (lines: readonly { readonly typeName: string }[]): string[] => lines.map(({ typeName }) => typeName).toSorted();
export const ids = (lines: readonly { readonly instanceId: string }[]): string[] => lines.map(({ instanceId }) => instanceId).toSorted();
