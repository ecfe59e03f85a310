import { describe, expect, it } from 'vitest';
import { readJobs } from './read-jobs.ts';
import { SlurmJobs } from './slurm-json.ts';

const settings = { countsMemory: true, defaultMemory: null };
const mebibyte = 1024 ** 2;
const old = (rest: object) => ({
  ...{ job_id: 7, job_state: 'PENDING', state_reason: 'Resources', priority: 9, partition: 'main', cpus: 2, node_count: 1, tasks: 1 },
  ...{ memory_per_node: 500, memory_per_cpu: null, features: '', array_job_id: 0, array_task_id: null, submit_time: 100 },
  ...rest,
});
const read = (jobs: object[], pools: Map<string, string[]> | null = null, given = settings) =>
  readJobs(SlurmJobs.parse({ jobs }).jobs, given, { pools });

describe('the queue of Slurm', () => {
  it('is read from old and new releases alike', () => {
    const number = (value: number) => ({ set: true, infinite: false, number: value });
    const unset = { set: false, infinite: false, number: 0 };
    const later = {
      ...{ job_id: 7, job_state: ['PENDING'], state_reason: 'Resources', priority: number(9), partition: 'main', cpus: number(2) },
      ...{ node_count: number(1), tasks: number(1), memory_per_node: number(500), memory_per_cpu: unset, features: '', shared: [] },
      ...{ array_job_id: number(0), array_task_id: unset, array_task_string: '', submit_time: number(100) },
    };
    const [job] = read([old({})]).jobs;
    expect(read([later]).jobs).toEqual([job]);
    expect(job).toMatchObject({
      id: '7',
      priority: 9,
      submittedAtMs: 100_000,
      nodes: 1,
      cores: 2,
      memoryBytes: 500 * mebibyte,
      exclusive: false,
      pools: [],
    });
  });

  it('needs of each node what its jobs share out', () => {
    const many = old({ cpus: 32, node_count: 2, tasks: 8, memory_per_node: null, memory_per_cpu: 100, tres_per_task: 'gres:gpu:1' });
    expect(read([many]).jobs).toMatchObject([{ nodes: 2, cores: 16, memoryBytes: 1600 * mebibyte, gpus: 4 }]);
  });

  it('gives a job that names no memory what Slurm gives it', () => {
    const silent = old({ memory_per_node: null });
    expect(read([silent]).jobs).toMatchObject([{ exclusive: true, memoryBytes: 0 }]);
    expect(read([silent], null, { ...settings, countsMemory: false }).jobs).toMatchObject([{ exclusive: false, memoryBytes: 0 }]);
    const perCpu = { countsMemory: true, defaultMemory: { perCpuMb: 50 } };
    expect(readJobs(SlurmJobs.parse({ jobs: [silent] }).jobs, perCpu, { pools: null }).jobs).toMatchObject([
      { exclusive: false, memoryBytes: 100 * mebibyte },
    ]);
  });

  it('has a job for each task of an array that may run now, under the name that it keeps', () => {
    const array = old({ job_id: 3, array_job_id: 3, array_task_string: '2-6%3' });
    const running = old({ job_id: 8, job_state: 'RUNNING', array_job_id: 3, array_task_id: 1 });
    const { jobs, aside } = read([running, array]);
    expect(jobs.map(({ id }) => id)).toEqual(['3_2', '3_3']);
    expect(aside).toEqual([{ id: '3', because: 'limit', message: '3 of its tasks wait for others of the array (at most 3 at once)' }]);
  });

  it('says of every job that is no demand why, and guesses nothing', () => {
    const jobs = [
      old({ job_id: 1, state_reason: 'JobHeldUser' }),
      old({ job_id: 2, features: 'big|small' }),
      old({ job_id: 3, tres_per_socket: 'gpu:1' }),
      old({ job_id: 4, array_job_id: 4, array_task_string: '1,2,...' }),
      old({ job_id: 5, required_nodes: 'n7' }),
      old({ job_id: 6, partition: 'desk' }),
    ];
    const { jobs: waiting, aside } = read(jobs, new Map([['main', ['small']]]));
    expect(waiting).toEqual([]);
    expect(aside.map(({ id, because }) => `${id} ${because}`)).toEqual([
      '1 held',
      '2 not-understood',
      '3 not-understood',
      '4 not-understood',
      '5 not-understood',
      '6 elsewhere',
    ]);
  });

  it('asks for the pools of its partitions', () => {
    const pools = new Map([
      ['main', ['small', 'big']],
      ['gpu', ['big']],
    ]);
    expect(read([old({ partition: 'main,gpu,desk' })], pools).jobs[0]?.pools).toEqual(['small', 'big']);
  });

  it('knows what runs where, also by the words of later releases', () => {
    const where = [{ nodename: 'n1', memory_allocated: 500 }, { nodename: 'n2' }];
    const one = old({ job_id: 1, job_state: 'RUNNING', cpus: 8, node_count: 2, job_resources: { allocated_nodes: where } });
    const two = old({ job_id: 2, job_state: ['COMPLETING'], job_resources: { nodes: { allocation: [{ name: 'n1' }] } } });
    const { running, jobs } = read([one, two]);
    expect(jobs).toEqual([]);
    expect([...running].map(([name, works]) => [name, works.map(({ jobId, cores }) => `${jobId}: ${cores}`)])).toEqual([
      ['n1', ['1: 4', '2: 2']],
      ['n2', ['1: 4']],
    ]);
  });
});
