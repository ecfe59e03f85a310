import type { ProvisionRun } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const id = '3f2a91c0-0000-4000-8000-000000000001';
const run = (change: Partial<ProvisionRun> = {}): ProvisionRun => ({
  id,
  command: 'apply',
  by: 'ada',
  machine: 'driver',
  options: ['-i', 'production', '--dry-run'],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:01:00.000Z',
  seconds: 60,
  state: 'done',
  counts: { hosts: 1, changed: 0, unchanged: 1, wouldChange: 0, failed: 0, notDone: 0 },
  inventory: { name: 'production', version: 3, sha256: 'a'.repeat(64) },
  phases: [{ phase: 'connect', seconds: 1 }],
  hosts: [{ name: 'web1', status: 'unchanged', phases: [], failure: null }],
  ...change,
});

describe('runs that the server executes', () => {
  let server: FakeServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  const asked = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
    server = await FakeServer.start(answer);
    return await runMuster('--socket', server.socketPath, 'runs', ...args);
  };
  const fromList =
    (then: (asked: Asked) => Answer) =>
    (one: Asked): Answer =>
      one.path === '/runs' && one.method === 'GET' ? { body: { items: [run()], total: 1 } } : then(one);

  it('are started with all that was asked, and nothing that was not', async () => {
    const args = ['--limit', 'rack[1-2]', '--only', 'prepare,agent', '--only', 'verify', '--skip-check', 'memory', '-n', '-o', 'json'];
    const { code, stdout, stderr } = await asked(
      () => ({ status: 202, body: run({ state: 'running' }) }),
      'start',
      '--inventory',
      'production',
      ...args,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ id, state: 'running' });
    expect(server?.asked).toMatchObject([
      {
        method: 'POST',
        path: '/runs',
        body: {
          inventory: 'production',
          limit: 'rack[1-2]',
          only: ['prepare', 'agent', 'verify'],
          skip: [],
          skipCheck: ['memory'],
          dryRun: true,
        },
      },
    ]);
  });

  it('say how to follow them', async () => {
    const { stdout } = await asked(() => ({ status: 202, body: run({ state: 'running' }) }), 'start', '--inventory', 'production');
    expect(stdout).toBe(`${id}\nFollow it: muster runs follow 3f2a91c0\n`);
    expect(server?.asked[0]?.body).toMatchObject({ dryRun: false });
    expect(server?.asked[0]?.body).not.toHaveProperty('limit');
  });

  it('are followed to their end: phases and failures once each, the run at last, and its end as exit status', async () => {
    const failure = { phase: 'agent', kind: 'timeout', message: 'tar: too\nslow' };
    const steps = [
      run({ state: 'running', phases: [], now: { phase: 'connect', done: 0, hosts: 1 } }),
      run({ state: 'running', now: { phase: 'agent', done: 0, hosts: 1 } }),
      run({ state: 'failed', hosts: [{ name: 'web1', status: 'failed', phases: [], failure }] }),
    ];
    const answer = fromList(() => ({ body: steps.length > 1 ? steps.shift() : steps[0] }));
    const { code, stdout, stderr } = await asked(answer, 'follow', '3f2a');
    expect(code).toBe(1);
    expect(stderr).toBe('connect: 0 of 1 hosts\nconnect: done in 1.0 s\nagent: 0 of 1 hosts\nFAILED web1 in agent: tar: too | slow\n');
    expect(stdout).toContain('State     failed after 60.0 s');
  });

  it.each([
    ['done', 0],
    ['interrupted', 130],
  ] as const)('end with %s as exit status', async (state, status) => {
    const answer = (one: Asked): Answer =>
      one.method === 'POST' ? { status: 202, body: run({ state: 'running' }) } : { body: run({ state }) };
    const { code, stdout, stderr } = await asked(answer, 'start', '--inventory', 'production', '--follow', '-o', 'json');
    expect(stderr).toBe('connect: done in 1.0 s\n');
    expect([code, (JSON.parse(stdout) as ProvisionRun).state]).toEqual([status, state]);
  });

  it('are cancelled by the beginning of their id', async () => {
    const { code, stdout } = await asked(
      fromList(() => ({ status: 202, body: run({ state: 'running' }) })),
      'cancel',
      '3f2a91c0',
    );
    expect([code, stdout]).toEqual([0, `The run ${id} ends as soon as what is under way is finished.\n`]);
    expect(server?.asked.at(-1)).toMatchObject({ method: 'POST', path: `/runs/${id}/cancel` });
  });

  it('are refused in the words of the server', async () => {
    const said = 'Nothing was started, because the server cannot work on every host as root. web2: the server has no way to it.';
    const { code, stdout, stderr } = await asked(() => problemAnswer('not-possible-now', said), 'start', '--inventory', 'production', '-n');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(said);
  });

  it.each([
    [['start'], "required option '--inventory <name>' not specified"],
    [['start', '--inventory', 'a', '--only', 'prepare,'], 'A name is missing'],
    [['--limit', 'many'], 'must be a whole number from 1 to 1000'],
  ])('refuse %j', async (args, said) => {
    const { code, stdout, stderr } = await runMuster('runs', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });
});
