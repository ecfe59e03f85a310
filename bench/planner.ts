import {
  decidePlan,
  elasticDefaults,
  type ElasticPicture,
  type Instance,
  type InstanceType,
  type Job,
  type NodeRecord,
  Planner,
  poolDefaults,
} from '@muster/core';

/*
 * A full plan for many nodes and jobs, and the plan after a small change. Usage: node bench/planner.ts [RUNS]; one size only, with its memory:
 * node --expose-gc bench/planner.ts RUNS NODES.
 */

const runs = Number(process.argv[2] ?? 9);
const only = process.argv[3] === undefined ? null : Number(process.argv[3]);
const minute = 60_000;
const now = Date.UTC(2026, 0, 7, 12);
const GiB = 1024 ** 3;

/** Numbers that look like chance and are the same at each run (Marsaglia, "Xorshift RNGs", 2003). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.abs(state) % below;
  };
}

const types: InstanceType[] = Array.from({ length: 20 }, (_, at) => {
  const [cores, spot] = [2 ** (1 + (at % 6)), at % 3 === 0];
  return {
    name: `type${at}`,
    provider: at < 10 ? 'east' : 'west',
    pool: at < 10 ? 'a' : 'b',
    family: '',
    cores,
    memoryBytes: cores * (at % 2 === 0 ? 4 : 8) * GiB,
    scratchBytes: 0,
    gpus: at % 7 === 0 ? 4 : 0,
    features: [],
    pricePerHourMicros: cores * (spot ? 20_000 : 50_000) + at,
    spot,
    owned: false,
    memoryFactor: null,
    windowsMinutes: null,
  };
});

function jobOf(at: number, next: (below: number) => number): Job {
  const cores = 1 + next(8);
  return {
    id: `job${at}`,
    priority: next(1_000_000),
    submittedAtMs: now - next(1_000_000),
    nodes: next(50) === 0 ? 2 + next(6) : 1,
    cores,
    memoryBytes: cores * (1 + next(3)) * GiB,
    scratchBytes: 0,
    gpus: next(20) === 0 ? 1 : 0,
    exclusive: next(100) === 0,
    features: [],
    types: [],
    pools: next(4) === 0 ? ['a'] : [],
    spotAllowed: next(2) === 0,
  };
}

function nodeOf(at: number, next: (below: number) => number): { instance: Instance; record: NodeRecord } {
  const type = types[next(types.length)] ?? types[0];
  const createdAtMs = now - 5 * minute - next(600) * minute;
  const isBusy = next(2) === 0;
  const instance: Instance = {
    id: `i${at}`,
    typeName: type?.name ?? '',
    state: 'running',
    createdAtMs,
    cancellable: false,
    stopAskedAtMs: null,
    broken: false,
    behaviour: 'run',
    revision: 'r1',
  };
  const work = { jobId: `running${at}`, cores: 1, memoryBytes: GiB, scratchBytes: 0, gpus: 0, exclusive: false };
  const record: NodeRecord = {
    name: `node${at}`,
    instanceId: instance.id,
    state: isBusy ? 'busy' : 'idle',
    drain: null,
    firstPingAtMs: createdAtMs + minute,
    lastPingAtMs: now,
    readyAtMs: createdAtMs + minute,
    changedAtMs: now,
    assignedAtMs: null,
    slot: at,
    running: isBusy ? [work] : [],
  };
  return { instance, record };
}

function pictureOf(nodes: number, jobs: number): ElasticPicture {
  const next = numbers(nodes + 7);
  const machines = Array.from({ length: nodes }, (_, at) => nodeOf(at, next));
  return {
    nowMs: now,
    observedAt: { instancesMs: now, recordsMs: now, jobsMs: now },
    types,
    instances: machines.map(({ instance }) => instance),
    records: machines.map(({ record }) => record),
    jobs: Array.from({ length: jobs }, (_, at) => jobOf(at, next)),
    failures: [],
    config: {
      ...elasticDefaults,
      maxNodes: Math.ceil(nodes * 1.2),
      pools: ['a', 'b'].map((name) => ({ ...poolDefaults(name), revision: 'r1' })),
    },
    kept: null,
  };
}

const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
const median = (values: number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? 0;
const least = (values: number[]): number => sorted(values)[0] ?? 0;

function timed(work: (run: number) => unknown): number[] {
  return Array.from({ length: runs }, (_, run) => {
    const startedMs = performance.now();
    work(run);
    return performance.now() - startedMs;
  });
}

/** Ten jobs that come, ten that go, and ten nodes that begin to work. */
function smallChange(planner: Planner, picture: ElasticPicture, run: number): void {
  const next = numbers(run + 99);
  const records = picture.records.slice(run * 10, run * 10 + 10).map((record): NodeRecord => ({ ...record, state: 'busy' }));
  const [set, gone] = [
    Array.from({ length: 10 }, (_, at) => jobOf(1_000_000 + run * 10 + at, next)),
    picture.jobs.slice(run * 10, run * 10 + 10),
  ];
  const nowMs = now + run * 1000;
  planner.change({
    nowMs,
    observedAt: { instancesMs: nowMs, recordsMs: nowMs, jobsMs: nowMs },
    jobs: { set, gone: gone.map(({ id }) => id) },
    records: { set: records, gone: [] },
  });
}

const memoryMB = (): number => Math.round(process.memoryUsage().rss / 1e6);

for (const nodes of only === null ? [100, 1000, 10_000] : [only]) {
  const picture = pictureOf(nodes, nodes * 10);
  const full = timed(() => decidePlan(picture));
  const planner = new Planner(picture);
  planner.plan();
  const change = timed((run) => smallChange(planner, picture, run));
  const plan = decidePlan(picture);
  const told = [`full plan ${median(full).toFixed(1)} ms (best ${least(full).toFixed(1)})`];
  told.push(`small change ${median(change).toFixed(1)} ms (best ${least(change).toFixed(1)})`, `resident ${memoryMB()} MB`);
  const waiting = plan.waiting.reduce((sum, { jobIds }) => sum + jobIds.length, 0);
  process.stdout.write(`${nodes} nodes, ${nodes * 10} jobs, medians of ${runs}: ${told.join(', ')}; `);
  process.stdout.write(`${plan.create.length} made, ${plan.served.length} served, ${waiting} jobs wait\n`);
}
