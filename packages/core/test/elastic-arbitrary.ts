import fc from 'fast-check';
import {
  type ElasticPicture,
  elasticDefaults,
  type Instance,
  type InstanceType,
  type Job,
  type NodeRecord,
  poolDefaults,
  type RecentFailure,
} from '../src/elastic/index.ts';
import { failureOf, GiB, hour, minute, noon, recordOf, second, typeOf, workOf } from './elastic-world.ts';

/* Pictures of any kind for laws that hold for all of them: small, with everything in them that a plan looks at. */

export const anyTypes: readonly InstanceType[] = [
  typeOf('a1', { pool: 'a' }),
  typeOf('a4', { pool: 'a', cores: 4, memoryBytes: 8 * GiB, pricePerHourMicros: 3_000_000 }),
  typeOf('a4spot', { pool: 'a', cores: 4, memoryBytes: 8 * GiB, pricePerHourMicros: 1_500_000, spot: true }),
  typeOf('b2', { pool: 'b', provider: 'other', cores: 2, pricePerHourMicros: 1_000_000, features: ['fast'], windowsMinutes: [] }),
  typeOf('b8gpu', { pool: 'b', provider: 'other', cores: 8, memoryBytes: 64 * GiB, gpus: 2, pricePerHourMicros: 9_000_000 }),
  typeOf('rack', { pool: 'rack', provider: 'ipmi', cores: 4, memoryBytes: 16 * GiB, pricePerHourMicros: 200_000, owned: true }),
];

const typeName = fc.constantFrom(...anyTypes.map(({ name }) => name));

const anyJob = fc.record({
  priority: fc.nat(3),
  submittedAtMs: fc.nat(3).map((ago) => noon - ago * minute),
  nodes: fc.constantFrom(1, 1, 1, 1, 2, 3),
  cores: fc.constantFrom(0, 1, 1, 2, 3, 4, 9),
  memoryBytes: fc.constantFrom(0, GiB, 3 * GiB, 7 * GiB),
  scratchBytes: fc.constantFrom(0, GiB),
  gpus: fc.constantFrom(0, 0, 0, 1),
  exclusive: fc.constantFrom(false, false, true),
  features: fc.constantFrom<string[]>([], [], [], ['fast']),
  types: fc.constantFrom<string[]>([], [], [], ['a4']),
  pools: fc.constantFrom<string[]>([], [], ['a'], ['b', 'rack']),
  spotAllowed: fc.boolean(),
});

const jobsFrom = (prefix: string, maxLength: number): fc.Arbitrary<Job[]> =>
  fc.array(anyJob, { maxLength }).map((list) => list.map((job, at) => ({ ...job, id: `${prefix}${at}` })));

const anyMachine = fc.record({
  typeName: fc.oneof({ weight: 9, arbitrary: typeName }, fc.constant('gone')),
  state: fc.constantFrom<Instance['state']>('running', 'running', 'running', 'running', 'creating', 'stopping', 'off'),
  ageMs: fc.constantFrom(minute, 20 * minute, 57 * minute, 117 * minute, 3 * hour),
  cancellable: fc.boolean(),
  stopAskedAtMs: fc.option(fc.constantFrom(noon - minute, noon - hour)),
  broken: fc.constantFrom(false, false, false, true),
  behaviour: fc.constantFrom<Instance['behaviour']>('run', 'run', 'run', 'run', 'protect', 'hold', 'drain'),
  revision: fc.constantFrom('r1', 'r2'),
});

const anyNode = fc.record({
  state: fc.constantFrom<NodeRecord['state']>('idle', 'idle', 'busy', 'busy', 'down', 'failed', null),
  drain: fc.constantFrom<NodeRecord['drain']>(null, null, null, 'planner', 'person'),
  quietMs: fc.constantFrom(second, second, 3 * hour),
  changedMs: fc.constantFrom(second, second, second, 3 * hour),
  ready: fc.boolean(),
  works: fc.boolean(),
});

export const anyNodes: fc.Arbitrary<{ instance: Instance; record: NodeRecord | null }[]> = fc
  .array(fc.tuple(anyMachine, fc.option(anyNode)), { maxLength: 12 })
  .map((list) =>
    list.map(([{ ageMs, ...machine }, node], at) => {
      const instance: Instance = { ...machine, id: `i${at}`, createdAtMs: noon - ageMs };
      if (node === null || instance.state === 'creating') return { instance, record: null };
      const { quietMs, changedMs, ready, works, ...said } = node;
      const running = works && said.state === 'busy' ? [workOf(`w${at}`)] : [];
      const firstPingAtMs = instance.createdAtMs + second;
      const times = { firstPingAtMs, lastPingAtMs: noon - quietMs, changedAtMs: noon - changedMs, readyAtMs: ready ? firstPingAtMs : null };
      return { instance, record: recordOf(instance, { ...said, running, ...times }) };
    }),
  );

const anyFailure: fc.Arbitrary<RecentFailure> = fc
  .record({
    kind: fc.constantFrom<RecentFailure['kind']>('quota', 'capacity', 'rate-limit', 'transient', 'boot'),
    atMs: fc.constantFrom(noon - second, noon - 30 * second, noon - 2 * minute),
    typeName,
    scope: fc.constantFrom<RecentFailure['scope']>('type', 'family', 'pool', 'provider'),
    instancesThen: fc.nat(5),
    retryAfterMs: fc.option(fc.constantFrom(0, 5000)),
    instanceId: fc.option(fc.constantFrom('x1', 'x2', 'x3')),
  })
  .map((failure) => failureOf(failure.kind, failure));

const anyConfig = fc
  .record({
    minNodes: fc.nat(3),
    maxNodes: fc.integer({ min: 3, max: 15 }),
    maxPricePerHourMicros: fc.option(fc.constantFrom(3_000_000, 10_000_000, 20_000_000)),
    jobsPerNode: fc.constantFrom(null, null, 1, 2),
    maximumPriceFactor: fc.constantFrom(null, null, 1, 1.5),
    priceCapOrder: fc.constantFrom('queue' as const, 'queue' as const, 'round-robin' as const),
    freeAtLimit: fc.boolean(),
    badImageFailures: fc.constantFrom(1, 3),
    poolMax: fc.option(fc.integer({ min: 1, max: 6 })),
    poolCap: fc.option(fc.constantFrom(2_000_000, 9_000_000)),
    spare: fc.nat(2),
    revision: fc.option(fc.constant('r1')),
  })
  .map(({ poolMax, poolCap, spare, revision, ...config }) => {
    const pool = { maxNodes: poolMax, maxPricePerHourMicros: poolCap, revision };
    const ready = [{ kind: 'spare' as const, nodes: spare, schedule: null }];
    return { ...elasticDefaults, ...config, pools: [{ ...poolDefaults('a'), ...pool, ready }, poolDefaults('rack')] };
  });

export const anyPicture: fc.Arbitrary<ElasticPicture> = fc
  .record({
    nodes: anyNodes,
    jobs: jobsFrom('j', 14),
    failures: fc.array(anyFailure, { maxLength: 4 }),
    config: anyConfig,
    looks: fc.nat(3),
  })
  .map(({ nodes, jobs, failures, config, looks }) => ({
    nowMs: noon,
    observedAt: { instancesMs: noon, recordsMs: noon, jobsMs: noon },
    types: anyTypes,
    instances: nodes.map(({ instance }) => instance),
    records: nodes.flatMap(({ record }) => (record === null ? [] : [record])),
    jobs,
    failures,
    config,
    kept:
      looks === 0
        ? null
        : {
            idle: new Map(nodes.map(({ instance }) => [instance.id, { looks, seenAtMs: noon - minute }])),
            withoutInstanceSinceMs: new Map(),
          },
  }));

export const moreJobs = jobsFrom('k', 6);
