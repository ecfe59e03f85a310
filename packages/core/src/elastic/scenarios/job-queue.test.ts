import { describe, expect, it } from 'vitest';
import { bigJob, GiB, jobOf, jobs, names, typeOf, world, type WorldChange } from '../../../test/elastic-world.ts';
import type { Job } from '../picture/elastic-picture.ts';
import { decidePlan } from '../plan/decide-plan.ts';

/* The scenarios of the Arvados Node Manager's test_jobqueue that are about which machines a queue needs. */

const MB = 1024 ** 2;
const plan = (change: WorldChange) => decidePlan(world({ ...change, config: { jobsPerNode: 1, maxNodes: 100, ...change.config } }));
const made = (queue: Job[], change: WorldChange = {}): string[] => names(plan({ jobs: queue, ...change }).create);
const refused = (queue: Job[], change: WorldChange = {}): Record<string, string> =>
  Object.fromEntries(plan({ jobs: queue, ...change }).unsatisfiable.map(({ jobId, because }) => [jobId, because]));

describe('test_jobqueue: ServerCalculator', () => {
  it('empty_queue_needs_no_servers', () => {
    expect(made([])).toEqual([]);
  });

  it('easy_server_count', () => {
    expect(made([jobOf('a', { nodes: 3 })])).toEqual(['small', 'small', 'small']);
  });

  it('default_5pct_ram_value_decrease', () => {
    const types = [typeOf('t', { memoryBytes: 128 * MB })];
    expect(made([jobOf('a', { memoryBytes: 128 * MB })], { types })).toEqual([]);
    expect(made([jobOf('a', { memoryBytes: 121 * MB })], { types })).toEqual(['t']);
  });

  it('custom_node_mem_scaling_factor', () => {
    const half = { types: [typeOf('t', { memoryBytes: 128 * MB })], config: { memoryFactor: 0.5 } };
    expect(made([jobOf('a', { memoryBytes: 128 * MB })], half)).toEqual([]);
    expect(made([jobOf('a', { memoryBytes: 64 * MB })], half)).toEqual(['t']);
    // A type may say so for itself.
    expect(made([jobOf('a', { memoryBytes: 64 * MB })], { types: [typeOf('t', { memoryBytes: 64 * MB, memoryFactor: 1 })] })).toEqual([
      't',
    ]);
  });

  it('implicit_server_count', () => {
    const nothing = { cores: 0, memoryBytes: 0 };
    expect(made([jobOf('a', nothing), jobOf('b', { nodes: 3 })]).length).toBe(4);
  });

  it('bad_min_nodes_override', () => {
    expect(made([jobOf('a', { nodes: -2 }), jobOf('b', { nodes: Number.NaN }), jobOf('c', { nodes: 0.5 })]).length).toBe(3);
  });

  it('ignore_and_return_unsatisfiable_jobs', () => {
    const queue = [
      jobOf('cores', { cores: 5 }),
      jobOf('memory', { memoryBytes: 256 * GiB }),
      jobOf('nodes', { nodes: 7 }),
      jobOf('scratch', { scratchBytes: 101 * GiB }),
      jobOf('fine'),
    ];
    const change = { config: { maxNodes: 6 } };
    expect(refused(queue, change)).toEqual({
      cores: 'no-type-fits',
      memory: 'no-type-fits',
      nodes: 'more-than-max-nodes',
      scratch: 'no-type-fits',
    });
    expect(made(queue, change)).toEqual(['small']);
  });

  it('ignore_too_expensive_jobs', () => {
    const config = { maxPricePerHourMicros: 6_000_000 };
    expect(made([jobOf('a', { nodes: 6 })], { config }).length).toBe(6);
    expect(refused([bigJob('a', { nodes: 6 })], { config })).toEqual({ a: 'dearer-than-cap' });
  });

  it('job_requesting_max_nodes_accepted', () => {
    expect(made([jobOf('a', { nodes: 4 })], { config: { maxNodes: 4 } }).length).toBe(4);
  });

  it('cheapest_size', () => {
    expect(made([], { config: { minNodes: 1 } })).toEqual(['small']);
  });

  it('next_biggest', () => {
    const types = [1, 2, 4, 8].map((cores) => typeOf(`c${cores}`, { cores, pricePerHourMicros: cores * 1000 }));
    expect(made([jobOf('a', { cores: 3 }), jobOf('b', { cores: 6 })], { types })).toEqual(['c4', 'c8']);
  });

  it('multiple_sizes', () => {
    const [s, m, b] = [jobOf('s'), jobOf('m', { cores: 2 }), bigJob('b')];
    const types = [
      typeOf('t1'),
      typeOf('t2', { cores: 2, pricePerHourMicros: 2_000_000 }),
      typeOf('t4', { cores: 4, pricePerHourMicros: 3_000_000 }),
    ];
    for (const queue of [
      [s, m, b],
      [b, m, s],
      [m, b, s],
    ]) {
      // Who came first comes first.
      const turned = queue.map((job, at) => ({ ...job, submittedAtMs: at }));
      const cut = plan({ types, jobs: turned, config: { maxNodes: 2 } });
      expect(cut.create.flatMap(({ jobIds }) => jobIds).toSorted()).toEqual(
        turned
          .slice(0, 2)
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(cut.waiting[0]?.jobIds).toEqual([turned[2]?.id]);
    }
  });
});

describe('test_jobqueue: JobQueueMonitor', () => {
  it('unsatisfiable_jobs', () => {
    // Who cancels it is the queue's; the plan says which and why.
    expect(plan({ jobs: [jobOf('a', { cores: 5 })] }).unsatisfiable).toEqual([
      { jobId: 'a', because: 'no-type-fits', message: 'No type of machine has 5 cores.' },
    ]);
  });

  it('subscribers_get_server_lists', () => {
    expect(plan({ jobs: jobs(2) }).create.map(({ jobIds }) => jobIds)).toEqual([['j0000'], ['j0001']]);
  });

  it('squeue_server_list', () => {
    const queue = [jobOf('1.1'), jobOf('2.1', { cores: 2 })];
    const types = [typeOf('t1'), typeOf('t2', { cores: 2, pricePerHourMicros: 2_000_000 })];
    expect(made(queue, { types })).toEqual(['t1', 't2']);
  });

  it('squeue_server_list_instancetype_constraint', () => {
    expect(made([jobOf('a', { types: ['big'] })])).toEqual(['big']);
    expect(refused([jobOf('a', { types: ['huge'] })])).toEqual({ a: 'no-type-fits' });
  });

  it('13166 priority order', () => {
    const { create, waiting } = plan({ jobs: [jobOf('low', { priority: 1 }), jobOf('high', { priority: 9 })], config: { maxNodes: 1 } });
    expect([create[0]?.jobIds, waiting[0]?.jobIds]).toEqual([['high'], ['low']]);
  });
});

describe('what a job asks for', () => {
  it('is met where a type does not say what it has, but for GPUs', () => {
    const types = [typeOf('unknown', { cores: 0, memoryBytes: 0, scratchBytes: 0 })];
    expect(made([jobOf('a', { cores: 64, memoryBytes: 512 * GiB, scratchBytes: 999 * GiB })], { types })).toEqual(['unknown']);
    expect(refused([jobOf('a', { gpus: 1 })], { types })).toEqual({ a: 'no-type-fits' });
  });

  it('may be GPUs, features, a pool, and machines that stay', () => {
    const types = [
      typeOf('plain'),
      typeOf('gpu', { gpus: 2, pricePerHourMicros: 5_000_000 }),
      typeOf('spot', { spot: true, pricePerHourMicros: 1000 }),
      typeOf('night', { features: ['debug'], pool: 'night', pricePerHourMicros: 9_000_000 }),
    ];
    const of = (change: Partial<Job>) => made([jobOf('a', change)], { types });
    expect(of({ gpus: 1 })).toEqual(['gpu']);
    expect(of({ features: ['debug'] })).toEqual(['night']);
    expect(of({ pools: ['night'] })).toEqual(['night']);
    expect([of({}), of({ spotAllowed: false })]).toEqual([['spot'], ['plain']]);
  });

  it('is told when no type has it, with what each lacks', () => {
    const message = (change: Partial<Job>) => plan({ jobs: [jobOf('a', change)] }).unsatisfiable[0]?.message;
    expect(message({ cores: 5 })).toBe('No type of machine has 5 cores.');
    expect(message({ cores: 3, memoryBytes: 100 * GiB })).toBe('No type of machine has all of it: 3 cores, 100 GiB of memory.');
    expect(message({ features: ['ib'] })).toBe('No type of machine has the feature ib.');
    expect(message({ nodes: 101 })).toBe('It needs 101 machines at once; at most 100 may be up.');
    expect(plan({ types: [], jobs: [jobOf('a')] }).unsatisfiable[0]?.message).toBe('No type of machine is configured.');
  });
});
