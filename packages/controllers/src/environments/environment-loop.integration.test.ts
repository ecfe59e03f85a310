import { describe, expect, it, vi } from 'vitest';
import { EnvironmentFixture } from '../../test/environment-fixture.ts';

describe('the loop of environments', () => {
  it('brings a new environment to every node, and its next version', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    await fixture.addNode('n2');
    await fixture.create('ml');
    expect(await fixture.settle('n1')).toEqual(['ensure ml 1']);
    expect(await fixture.settle('n2')).toEqual(['ensure ml 1']);
    expect(await fixture.workOf('n1')).toEqual({ ml: 'create 1 success' });
    await fixture.update('ml', 'other');
    expect(await fixture.settle('n1')).toEqual(['ensure ml 2']);
    expect(await fixture.workOf('n1')).toEqual({ ml: 'update 2 success' });
    const { id } = await fixture.store.environments.get('ml');
    expect(await fixture.store.environmentPackages.read(id, 2)).toMatchObject({ nodeName: 'n1', listing: { lock: 'x==1\n' } });
  });

  it('gives a newly added node everything by itself, one after the other', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.create('ml');
    await fixture.create('web');
    await fixture.rounds();
    await fixture.addNode('n1');
    expect(await fixture.settle('n1')).toEqual(['ensure ml 1', 'ensure web 1']);
  });

  it('schedules nothing where environments are off; back on, it shows the difference and waits to be asked', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1', 'off');
    await fixture.create('ml');
    expect(await fixture.settle('n1')).toEqual([]);
    await fixture.turn('n1', 'on');
    expect(await fixture.settle('n1')).toEqual([]);
    expect(await fixture.workOf('n1')).toEqual({ ml: 'create 1 passed-over' });
  });

  it('brings such a node level by itself with autoSync, and mends what somebody took away', async () => {
    const fixture = await EnvironmentFixture.open({ autoSync: true });
    await fixture.addNode('n1', 'off');
    await fixture.create('ml');
    await fixture.settle('n1');
    await fixture.turn('n1', 'on');
    expect(await fixture.settle('n1')).toEqual(['ensure ml 1']);
  });

  it('lets a node that was away during it all build and remove when it is back', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    await fixture.create('old');
    await fixture.settle('n1');
    await fixture.connect('n1', false);
    await fixture.create('ml');
    await fixture.store.environments.remove('old', false, 'ada');
    expect(await fixture.settle('n1')).toEqual([]);
    expect(await fixture.workOf('n1')).toEqual({ ml: 'create 1 new', old: 'remove - new' });
    await fixture.connect('n1');
    expect((await fixture.settle('n1')).toSorted()).toEqual(['ensure ml 1', 'remove old -']);
    await fixture.report('n1');
    await fixture.rounds();
    expect(await fixture.workOf('n1')).toEqual({ ml: 'create 1 success' });
  });

  it('drops a command of nobody: many environments at once all reach a busy node, each once', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    const names = Array.from({ length: 12 }, (_, index) => `e${String(index).padStart(2, '0')}`);
    for (const name of names) await fixture.create(name);
    expect(await fixture.settle('n1')).toEqual(names.map((name) => `ensure ${name} 1`));
  });

  it('goes on with the node’s others where one definition is poison, on every node', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    await fixture.create('bad');
    await fixture.create('good');
    await fixture.rounds();
    const bad = await fixture.take('n1');
    await fixture.finish('n1', bad!, { exitStatus: 1, message: 'conda could not solve it' });
    expect(await fixture.settle('n1')).toEqual(['ensure good 1']);
    expect(await fixture.workOf('n1')).toEqual({ bad: 'create 1 failed', good: 'create 1 success' });
    // Nothing tries it again until it is changed.
    expect(await fixture.settle('n1')).toEqual([]);
    await fixture.update('bad', 'mended');
    expect(await fixture.settle('n1')).toEqual(['ensure bad 2']);
  });

  it('says how it ended, to whom it happened, and keeps what the node said', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    await fixture.create('ml');
    await fixture.rounds();
    const task = await fixture.take('n1');
    await fixture.finish('n1', task!, { exitStatus: 75, message: 'the disk is full' });
    await fixture.rounds();
    const [event] = (await fixture.store.events.list({ limit: 50 })).filter(
      ({ kind, nodeName }) => kind === 'environment-task' && nodeName === 'n1',
    );
    expect(event).toMatchObject({ severity: 'warning', message: 'create ml (version 1) on n1: failed. the disk is full' });
    const { work } = await fixture.store.environmentWork.picture();
    expect(work).toMatchObject([
      { state: 'failed', message: 'the disk is full', attempts: 1, retryAt: expect.any(String), retryDue: false },
    ]);
  });

  it('lets only so many nodes work at once, and the next one begin when one is done', async () => {
    const fixture = await EnvironmentFixture.open({ nodesAtOnce: 2 });
    for (const name of ['n1', 'n2', 'n3', 'n4']) await fixture.addNode(name);
    await fixture.create('ml');
    await fixture.rounds();
    const given = await Promise.all(['n1', 'n2', 'n3', 'n4'].map((name) => fixture.take(name)));
    expect(given.filter((task) => task !== undefined)).toHaveLength(2);
    const [busy] = given.filter((task) => task !== undefined);
    await fixture.finish(busy!.nodeName, busy!);
    await fixture.rounds();
    const more = await Promise.all(['n1', 'n2', 'n3', 'n4'].map((name) => fixture.take(name)));
    expect(more.filter((task) => task !== undefined)).toHaveLength(1);
  });

  it('does not begin what was removed meanwhile, and removes what is being built once that has ended', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    await fixture.create('ml');
    await fixture.rounds();
    const building = await fixture.take('n1');
    await fixture.store.environments.remove('ml', true, 'ada');
    await fixture.rounds();
    expect(await fixture.take('n1')).toBeUndefined();
    await fixture.finish('n1', building!);
    await fixture.rounds();
    const removal = await fixture.take('n1');
    expect(removal?.work).toEqual({ kind: 'environment', action: 'remove', name: 'ml', force: true });
  });

  it('tells the node everything that it needs, and no more', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    const environment = await fixture.create('ml');
    await fixture.rounds();
    expect((await fixture.take('n1'))?.work).toEqual({
      kind: 'environment',
      action: 'ensure',
      name: 'ml',
      version: 1,
      definitionSha256: environment.definitionSha256,
      recipe: { kind: 'archive' },
      artifacts: environment.artifacts,
      maxUnpackedBytes: 1000,
    });
  });

  it.each([0, 1, 2, 3, 4])('may be killed after any step (%d): another process goes on, and nothing is done twice', async (rounds) => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    await fixture.create('ml');
    await fixture.rounds(rounds);
    fixture.restart();
    const did = await fixture.settle('n1');
    fixture.restart();
    expect([...did, ...(await fixture.settle('n1'))]).toEqual(['ensure ml 1']);
    expect((await fixture.store.tasks.ofNode(fixture.idOf('n1'), { limit: 10, offset: 0 })).total).toBe(1);
  });

  it('may run in several servers at once', async () => {
    const fixture = await EnvironmentFixture.open();
    for (const name of ['n1', 'n2', 'n3']) await fixture.addNode(name);
    await fixture.create('ml');
    const first = fixture.loop;
    fixture.restart();
    for (let round = 0; round < 4; round += 1) await Promise.all([first.tick(), fixture.loop.tick()]);
    for (const name of ['n1', 'n2', 'n3'])
      expect((await fixture.store.tasks.ofNode(fixture.idOf(name), { limit: 10, offset: 0 })).total).toBe(1);
  });

  it('passes over a listing that is none, and the work is done all the same', async () => {
    const fixture = await EnvironmentFixture.open();
    await fixture.addNode('n1');
    const { id } = await fixture.create('ml');
    await fixture.rounds();
    const task = await fixture.take('n1');
    await fixture.store.delivery.record(task!.nodeId, {
      id: task!.id,
      outcome: 'succeeded',
      exitStatus: 0,
      message: '',
      output: '{"packages": [{"name": 7}]}',
      truncated: false,
      durationMs: 1,
    });
    await fixture.rounds();
    expect(await fixture.workOf('n1')).toEqual({ ml: 'create 1 success' });
    expect(await fixture.store.environmentPackages.read(id, 1)).toBeUndefined();
  });
});

describe('the rounds of the loop', () => {
  it('come with events that concern it, and otherwise seldom; a failing store is asked again', async () => {
    vi.useFakeTimers();
    try {
      const fixture = await EnvironmentFixture.open();
      const finished = vi.spyOn(fixture.store.environmentWork, 'finished').mockRejectedValue(new Error('the database is away'));
      const pass = async (ms: number) => {
        for (let passed = 0; passed < ms; passed += 250) {
          fixture.clock.pass(250);
          await vi.advanceTimersByTimeAsync(250);
        }
      };
      fixture.loop.start();
      await pass(3000);
      expect(finished.mock.calls.length).toBeGreaterThanOrEqual(2);
      expect(fixture.log.messages('warn')[0]).toBe('environments could not be brought on; tried again in a second');
      finished.mockResolvedValue([]);
      vi.spyOn(fixture.store.environmentWork, 'picture').mockResolvedValue({ environments: [], nodes: [], work: [] });
      await pass(2000);
      finished.mockClear();
      fixture.loop.apply({ kind: 'sign-in' });
      await pass(5000);
      expect(finished).not.toHaveBeenCalled();
      fixture.loop.apply({ kind: 'environment-changed' });
      await pass(1500);
      expect(finished).toHaveBeenCalledTimes(1);
      await pass(16_000);
      expect(finished).toHaveBeenCalledTimes(2);
      await fixture.loop.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
