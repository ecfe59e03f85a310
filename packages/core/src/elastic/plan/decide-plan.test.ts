import { describe, expect, it } from 'vitest';
import { bigJob, busy, coming, idle, ids, inWindow, jobOf, jobs, known, names, world } from '../../../test/elastic-world.ts';
import { decidePlan } from './decide-plan.ts';

describe('a plan', () => {
  it('makes the cheapest machine that fits, with the reason and the job it is for', () => {
    const { create, served, waiting } = decidePlan(world({ jobs: [jobOf('a')] }));
    expect(create).toEqual([
      {
        typeName: 'small',
        pool: 'main',
        because: 'jobs',
        message: 'For job a: small is the cheapest that fits and can be had.',
        jobIds: ['a'],
        record: null,
      },
    ]);
    expect([served, waiting]).toEqual([[], []]);
  });

  it('packs several jobs on one machine', () => {
    const { create } = decidePlan(world({ jobs: [bigJob('a', { cores: 3 }), jobOf('b'), jobOf('c')] }));
    expect(create.map(({ typeName, jobIds }) => [typeName, jobIds])).toEqual([
      ['big', ['a', 'b']],
      ['small', ['c']],
    ]);
  });

  it('lets jobs wait for machines that are there or come', () => {
    const { create, served, left } = decidePlan(world({ nodes: [idle('i'), known('c', coming, null)], jobs: jobs(2) }));
    expect(create).toEqual([]);
    expect(served).toEqual([
      { instanceId: 'i', jobIds: ['j0000'] },
      { instanceId: 'c', jobIds: ['j0001'] },
    ]);
    expect(left.map(({ instanceId, because }) => [instanceId, because])).toEqual([
      ['i', 'needed'],
      ['c', 'needed'],
    ]);
  });

  it('drains an idle node in its window, and stops it once it is drained', () => {
    expect(decidePlan(world({ nodes: [idle('i', inWindow)] })).drain).toMatchObject([{ instanceId: 'i', because: 'not-needed' }]);
    const { drain, stop } = decidePlan(world({ nodes: [idle('i', inWindow, { drain: 'planner' })] }));
    expect([drain, ids(stop)]).toEqual([[], ['i']]);
  });

  it('never stops a busy node, and says that it works', () => {
    const { drain, stop, left } = decidePlan(world({ nodes: [busy('b', inWindow)] }));
    expect([drain, stop]).toEqual([[], []]);
    expect(left).toEqual([{ instanceId: 'b', node: 'n-b', because: 'busy', message: 'It works.' }]);
  });

  it('gives a job that needs several machines all or none', () => {
    const job = bigJob('a', { nodes: 3 });
    expect(names(decidePlan(world({ jobs: [job] })).create)).toEqual(['big', 'big', 'big']);
    const { create, waiting } = decidePlan(world({ nodes: [busy('x'), busy('y')], jobs: [job], config: { maxNodes: 4 } }));
    expect(create).toEqual([]);
    expect(waiting).toMatchObject([{ because: 'max-nodes', jobIds: ['a'] }]);
  });

  it('tells of a job that fits nothing', () => {
    const { create, unsatisfiable } = decidePlan(world({ jobs: [jobOf('a', { cores: 5 })] }));
    expect(create).toEqual([]);
    expect(unsatisfiable).toEqual([{ jobId: 'a', because: 'no-type-fits', message: 'No type of machine has 5 cores.' }]);
  });
});
