import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTypes, moreJobs } from '../../../test/elastic-arbitrary.ts';
import { instanceOf, minute, noon, recordOf } from '../../../test/elastic-world.ts';
import { elasticDefaults, poolDefaults } from '../picture/elastic-defaults.ts';
import type { ElasticConfig, ElasticPicture, Instance, Job, Kept, NodeRecord } from '../picture/elastic-picture.ts';
import { decidePlan } from './decide-plan.ts';
import type { ElasticPlan } from './elastic-plan.ts';

/* A world that obeys: what is asked for comes a minute later, jobs begin where the plan expects them, and never end. */

type World = { instances: Instance[]; records: NodeRecord[]; jobs: Job[]; kept: Kept | null; made: number };

function step(world: World, nowMs: number, config: ElasticConfig): ElasticPlan {
  const observedAt = { instancesMs: nowMs, recordsMs: nowMs, jobsMs: nowMs };
  world.records = world.records.map((record) => ({ ...record, lastPingAtMs: nowMs, changedAtMs: nowMs }));
  const picture: ElasticPicture = { ...world, nowMs, observedAt, types: anyTypes, failures: [], config };
  const plan = decidePlan(picture);
  arrive(world, nowMs);
  begin(world, plan);
  for (const { instanceId } of [...plan.stop, ...plan.cancelCreate])
    world.instances = world.instances.filter(({ id }) => id !== instanceId);
  setDrain(world, plan.drain, 'planner');
  setDrain(world, plan.undrain, null);
  for (const { typeName } of plan.create) {
    world.instances.push(instanceOf(`m${world.made}`, { typeName, state: 'creating', cancellable: true, createdAtMs: nowMs }));
    world.made += 1;
  }
  world.records = world.records.filter(({ instanceId }) => world.instances.some(({ id }) => id === instanceId));
  world.kept = plan.kept;
  return plan;
}

function arrive(world: World, nowMs: number): void {
  for (const instance of world.instances.filter(({ state }) => state === 'creating')) {
    world.instances = world.instances.map((one) => (one === instance ? { ...one, state: 'running', cancellable: false } : one));
    world.records.push({ ...recordOf(instance), firstPingAtMs: nowMs, readyAtMs: nowMs, lastPingAtMs: nowMs, changedAtMs: nowMs });
  }
}

/** A job begins once all the machines that the plan has for it are there. */
function begin(world: World, { served, create }: ElasticPlan): void {
  const waits = new Set(create.flatMap(({ jobIds }) => jobIds));
  const isThere = (id: string): boolean => world.records.some(({ instanceId, drain }) => instanceId === id && drain === null);
  for (const { instanceId, jobIds } of served) if (!isThere(instanceId)) for (const id of jobIds) waits.add(id);
  for (const { instanceId, jobIds } of served)
    for (const job of world.jobs.filter(({ id }) => jobIds.includes(id) && !waits.has(id)))
      world.records = world.records.map((record) =>
        record.instanceId === instanceId ? { ...record, state: 'busy', running: [...record.running, { ...job, jobId: job.id }] } : record,
      );
  const begun = new Set(world.records.flatMap(({ running }) => running.map(({ jobId }) => jobId)));
  world.jobs = world.jobs.filter(({ id }) => !begun.has(id));
}

function setDrain(world: World, lines: readonly { instanceId: string }[], drain: NodeRecord['drain']): void {
  const ids = new Set(lines.map(({ instanceId }) => instanceId));
  world.records = world.records.map((record) => (ids.has(record.instanceId ?? '') ? { ...record, drain } : record));
}

const anyConfig = fc
  .record({
    minNodes: fc.nat(2),
    maxNodes: fc.integer({ min: 2, max: 20 }),
    maxPricePerHourMicros: fc.option(fc.constantFrom(4_000_000, 12_000_000)),
    jobsPerNode: fc.constantFrom(null, 1),
    spare: fc.nat(2),
  })
  .map(({ spare, ...config }): ElasticConfig => {
    const ready = [{ kind: 'spare' as const, nodes: spare, schedule: null }];
    return { ...elasticDefaults, ...config, pools: [{ ...poolDefaults('a'), ready }] };
  });

describe('while the demand is constant', () => {
  it('the plan comes to rest: what is made stays, and what goes does not come again', () => {
    fc.assert(
      fc.property(anyConfig, moreJobs, (config, jobs) => {
        const world: World = { instances: [], records: [], jobs, kept: null, made: 0 };
        const plans = Array.from({ length: 140 }, (_, at) => step(world, noon + at * minute, config));
        const acts = plans.map(({ create, cancelCreate, drain, undrain, stop }) =>
          [create, cancelCreate, drain, undrain, stop].map((lines) => lines.length),
        );
        // Whatever is set right is so within the first paid hour; then there is another one without a single act.
        expect(
          acts
            .slice(70)
            .flat()
            .filter((count) => count > 0),
        ).toEqual([]);
        expect(plans.slice(8).flatMap(({ create }) => create).length).toBe(0);
      }),
      { numRuns: 12 },
    );
  });
});
