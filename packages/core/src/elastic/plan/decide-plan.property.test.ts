import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyNodes, anyPicture, anyTypes, moreJobs } from '../../../test/elastic-arbitrary.ts';
import { minute, noon } from '../../../test/elastic-world.ts';
import type { ElasticPicture, Job, Need, NodeRecord } from '../picture/elastic-picture.ts';
import { recordOf, claimsOf } from '../pairing/pair-nodes.ts';
import { decidePlan } from './decide-plan.ts';
import type { ElasticPlan } from './elastic-plan.ts';
import { Planner } from './planner.ts';

const RUNS = { numRuns: 150 };
const always = (law: (picture: ElasticPicture, plan: ElasticPlan) => void): void =>
  fc.assert(
    fc.property(anyPicture, (picture) => law(picture, decidePlan(picture))),
    RUNS,
  );

const recordsOf = ({ instances, records }: ElasticPicture): Map<string, NodeRecord | null> => {
  const claims = claimsOf(records);
  return new Map(instances.map((instance) => [instance.id, recordOf(instance, claims)]));
};
const typeNamed = (name: string) => anyTypes.find((type) => type.name === name)!;
const going = ({ stop, powerOff, cancelCreate }: ElasticPlan) => [...stop, ...powerOff, ...cancelCreate];

describe('whatever the picture is', () => {
  it('there are never more machines than the maximum of all and of each pool, nor dearer ones than the caps', () => {
    always(({ config, instances }, { figures, create, powerOn }) => {
      expect(figures.totalAfter).toBeLessThanOrEqual(Math.max(figures.total, config.maxNodes));
      const cap = config.maxPricePerHourMicros ?? Infinity;
      expect(figures.pricePerHourMicrosAfter).toBeLessThanOrEqual(Math.max(figures.pricePerHourMicros, cap));
      for (const pool of config.pools) {
        const isOf = (name: string): boolean => anyTypes.some((type) => type.name === name && type.pool === pool.name);
        const before = instances
          .filter(({ state, typeName }) => state !== 'off' && isOf(typeName))
          .map(({ typeName }) => typeNamed(typeName));
        const on = powerOn.map(({ instanceId }) => instances.find(({ id }) => id === instanceId)!.typeName);
        const added = [...create.map(({ typeName }) => typeName), ...on].filter(isOf).map(typeNamed);
        const price = (types: typeof before): number => types.reduce((sum, type) => sum + type.pricePerHourMicros, 0);
        if (added.length === 0) continue;
        expect(before.length + added.length).toBeLessThanOrEqual(pool.maxNodes ?? Infinity);
        expect(price(before) + price(added)).toBeLessThanOrEqual(pool.maxPricePerHourMicros ?? Infinity);
      }
    });
  });

  it('no busy node is ever stopped, and none that is protected or held', () => {
    always((picture, plan) => {
      const records = recordsOf(picture);
      for (const { instanceId, because } of going(plan)) {
        const record = records.get(instanceId);
        const { behaviour } = picture.instances.find(({ id }) => id === instanceId)!;
        if (because !== 'stuck') expect([record?.state === 'busy', record?.running.length ?? 0]).toEqual([false, 0]);
        if (because !== 'stuck') expect(['run', 'drain']).toContain(behaviour);
      }
    });
  });

  it('a node that works or is idle is stopped in its window only, but for what people asked, a revision, and a place that is waited for', () => {
    always((picture, plan) => {
      const reasons = going(plan).map(({ because }) => because);
      const outside = new Set(['frees-place', 'boot-failed', 'node-failed', 'invalid-type', 'other-revision', 'asked-for', 'stuck']);
      for (const { instanceId, because } of [...plan.stop, ...plan.drain].filter((line) => !outside.has(line.because))) {
        const { createdAtMs, typeName } = picture.instances.find(({ id }) => id === instanceId)!;
        const ageMinutes = ((noon - createdAtMs) / minute) % 60;
        expect([because, typeName === 'b2' || (ageMinutes > 55 && ageMinutes < 60)]).toEqual([because, true]);
      }
      expect(reasons.length).toBe(going(plan).length);
    });
  });

  it('every machine stands in one line, and every job in one place for each machine it needs', () => {
    always(({ instances, jobs }, plan) => {
      const lines = [...going(plan), ...plan.drain, ...plan.undrain, ...plan.powerOn, ...plan.left];
      expect(lines.map(({ instanceId }) => instanceId).toSorted()).toEqual(instances.map(({ id }) => id).toSorted());
      for (const line of lines) expect(line.message).toMatch(/\.$/u);
      const places = [...plan.create, ...plan.powerOn, ...plan.served].map(({ jobIds }) => jobIds);
      const waits = [...plan.waiting.flatMap(({ jobIds }) => jobIds), ...plan.unsatisfiable.map(({ jobId }) => jobId)];
      for (const { id, nodes } of jobs) {
        const placed = places.filter((jobIds) => jobIds.includes(id)).length;
        const waiting = waits.filter((one) => one === id).length;
        expect(waiting === 1 ? [placed, 1] : [placed, waiting]).toEqual(waiting === 1 ? [0, 1] : [nodes, 0]);
      }
      expect(places.flat().length).toBe(places.reduce((sum, jobIds) => sum + new Set(jobIds).size, 0));
    });
  });

  it('what is put on a machine fits it together, and nothing is put on one that goes', () => {
    always((picture, plan) => {
      const jobs = new Map(picture.jobs.map((job) => [job.id, job]));
      const records = recordsOf(picture);
      const gone = new Set([...going(plan), ...plan.drain].map(({ instanceId }) => instanceId));
      const check = (typeName: string, works: readonly Need[], jobIds: readonly string[]): void => {
        const type = typeNamed(typeName);
        const placed = jobIds.map((id) => jobs.get(id)!);
        for (const job of placed) expect(mayRun(job, typeName)).toBe(true);
        const all = [...works, ...placed];
        const sum = (of: (need: Need) => number): number => all.reduce((total, need) => total + of(need), 0);
        expect(sum(({ cores }) => cores)).toBeLessThanOrEqual(type.cores);
        expect(sum(({ memoryBytes }) => memoryBytes)).toBeLessThanOrEqual(type.memoryBytes * 0.95);
        expect(sum(({ gpus }) => gpus)).toBeLessThanOrEqual(type.gpus);
        expect(all.length).toBeLessThanOrEqual(all.some(({ exclusive }) => exclusive) ? 1 : (picture.config.jobsPerNode ?? Infinity));
      };
      for (const { typeName, jobIds } of plan.create) check(typeName, [], jobIds);
      for (const { instanceId, jobIds } of [...plan.served, ...plan.powerOn]) {
        expect(gone.has(instanceId)).toBe(false);
        check(picture.instances.find(({ id }) => id === instanceId)!.typeName, records.get(instanceId)?.running ?? [], jobIds);
      }
    });
  });

  it('the order in which things are given decides nothing', () => {
    always((picture, plan) => {
      const turned = decidePlan({
        ...picture,
        types: picture.types.toReversed(),
        instances: picture.instances.toReversed(),
        records: picture.records.toReversed(),
        jobs: picture.jobs.toReversed(),
        failures: picture.failures.toReversed(),
        config: { ...picture.config, pools: picture.config.pools.toReversed() },
      });
      expect(turned).toEqual(plan);
    });
  });

  it('what is made is seen by the next plan: no second machine comes for the same need', () => {
    always((picture, plan) => {
      const coming = plan.create.map(({ typeName }, at) => ({
        ...template,
        id: `new${at}`,
        typeName,
        revision: picture.config.pools.find(({ name }) => name === typeNamed(typeName).pool)?.revision ?? 'r1',
      }));
      const on = new Set(plan.powerOn.map(({ instanceId }) => instanceId));
      const instances = picture.instances.map((one) => (on.has(one.id) ? { ...one, state: 'creating' as const, createdAtMs: noon } : one));
      const next = decidePlan({ ...picture, instances: [...instances, ...coming] });
      // What is kept ready may come later, once no job waits for its place.
      expect([...next.create, ...next.powerOn].filter(({ because }) => because === 'jobs')).toEqual([]);
      expect(next.cancelCreate.filter(({ instanceId }) => instanceId.startsWith('new'))).toEqual([]);
    });
  });

  it('every need that can be met is met where no limit stands in the way', () => {
    fc.assert(
      fc.property(anyNodes, moreJobs, (nodes, jobs) => {
        const picture = free({ nodes, jobs });
        const { waiting, unsatisfiable } = decidePlan(picture);
        expect(waiting).toEqual([]);
        const impossible = jobs.filter((job) => !anyTypes.some(({ name, owned }) => !owned && mayRun(job, name)) && !mayRun(job, 'rack'));
        expect(unsatisfiable.map(({ jobId }) => jobId).toSorted()).toEqual(impossible.map(({ id }) => id).toSorted());
      }),
      RUNS,
    );
  });

  it('without what was kept nothing idle goes for want of work, and nothing else is different in kind', () => {
    always((picture) => {
      const { drain, halted, alerts } = decidePlan({ ...picture, kept: null });
      expect(drain.filter(({ because }) => because === 'not-needed')).toEqual([]);
      expect([halted?.because, alerts.some(({ code }) => code === 'node-without-instance')]).toEqual([
        decidePlan(picture).halted?.because,
        false,
      ]);
    });
  });
});

describe('a planner that is told of changes', () => {
  it('plans what would be planned of the whole picture', () => {
    fc.assert(
      fc.property(
        anyPicture,
        fc.array(fc.tuple(anyNodes, moreJobs, fc.array(fc.nat(20)), fc.nat(3)), { maxLength: 4 }),
        (start, changes) => {
          const planner = new Planner(start);
          expect(planner.plan()).toEqual(decidePlan(start));
          let picture = start;
          for (const [nodes, added, gone, kind] of changes) {
            const goneJobs = gone.map((at) => (at % 2 === 0 ? `j${at}` : `k${at % 6}`)).filter((id) => added.every((job) => job.id !== id));
            const change = {
              nowMs: picture.nowMs + minute,
              observedAt: { instancesMs: noon + minute, recordsMs: noon + minute, jobsMs: noon + minute },
              jobs: { set: added, gone: goneJobs },
              instances: { set: nodes.map(({ instance }) => instance), gone: kind === 0 ? ['i1'] : [] },
              records: { set: nodes.flatMap(({ record }) => (record === null ? [] : [record])), gone: kind === 1 ? ['n-i0'] : [] },
              ...(kind === 2 ? { config: { ...picture.config, memoryFactor: 0.5 } } : {}),
              ...(kind === 3 ? { types: picture.types.slice(1), failures: [], kept: null } : {}),
            };
            const { jobs, instances, records, ...rest } = change;
            picture = {
              ...picture,
              ...rest,
              jobs: changed(picture.jobs, jobs, ({ id }) => id),
              instances: changed(picture.instances, instances, ({ id }) => id),
              records: changed(picture.records, records, ({ name }) => name),
            };
            expect(planner.change(change)).toEqual(decidePlan(picture));
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});

const template = {
  state: 'creating' as const,
  createdAtMs: noon,
  cancellable: true,
  stopAskedAtMs: null,
  broken: false,
  behaviour: 'run' as const,
};

function mayRun(job: Job, typeName: string): boolean {
  const type = typeNamed(typeName);
  const asked = (job.types.length === 0 || job.types.includes(typeName)) && (job.pools.length === 0 || job.pools.includes(type.pool));
  const given = job.features.every((feature) => type.features.includes(feature)) && (job.spotAllowed || !type.spot);
  return asked && given && job.cores <= type.cores && job.gpus <= type.gpus && job.memoryBytes <= Math.floor(type.memoryBytes * 0.95);
}

/** A world without limits, in which owned machines are as many as are asked for. */
function free({
  nodes,
  jobs,
}: {
  nodes: { instance: ElasticPicture['instances'][number]; record: NodeRecord | null }[];
  jobs: Job[];
}): ElasticPicture {
  const rack = Array.from({ length: 20 }, (_, at) => ({
    ...template,
    state: 'off' as const,
    id: `r${at}`,
    typeName: 'rack',
    revision: 'r1',
  }));
  const wellOnes = nodes.filter(({ record }) => record?.readyAtMs === null || record === null);
  return {
    ...base,
    instances: [...wellOnes.map(({ instance }) => instance), ...rack],
    records: wellOnes.flatMap(({ record }) => (record === null ? [] : [record])),
    jobs,
  };
}

const base: ElasticPicture = {
  nowMs: noon,
  observedAt: { instancesMs: noon, recordsMs: noon, jobsMs: noon },
  types: anyTypes,
  instances: [],
  records: [],
  jobs: [],
  failures: [],
  config: {
    ...fc.sample(anyPicture, { numRuns: 1, seed: 1 })[0]!.config,
    maxNodes: 1000,
    maxPricePerHourMicros: null,
    pools: [],
    badImageFailures: 1000,
    maximumPriceFactor: null,
  },
  kept: null,
};

function changed<T>(before: readonly T[], { set, gone }: { set: readonly T[]; gone: readonly string[] }, idOf: (one: T) => string): T[] {
  const ids = new Set([...set.map(idOf), ...gone]);
  return [...before.filter((one) => !ids.has(idOf(one))), ...set];
}
