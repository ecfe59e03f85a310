import { describe, expect, it } from 'vitest';
import { LivenessFixture, names, thresholdMs } from '../../test/liveness-fixture.ts';

const others = names(9);

/** A cluster in which one node falls silent at once. */
const oneSilent = (): LivenessFixture => new LivenessFixture().add('web1', ...others);

describe('an agent that is not heard', () => {
  it('is restarted once the threshold has passed, and an event says so', async () => {
    const fixture = oneSilent();
    await fixture.run(40, others);
    expect(fixture.control.orders).toEqual([]);
    await fixture.run(1, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
    expect(fixture.store.messages('agent-restarted')).toEqual(['web1: Not heard for 41 s: restart 1 of 5. It was restarted.']);
    expect(fixture.store.agentOf('web1')).toEqual({
      state: 'restarting',
      attempts: 1,
      message: 'Not heard for 41 s: restart 1 of 5. It was restarted.',
    });
  });

  it('is as it should be when that has helped', async () => {
    const fixture = oneSilent();
    fixture.control.onOrder = (name) => fixture.hear(name);
    await fixture.run(50, others);
    expect(fixture.store.agentOf('web1')).toEqual({ state: 'normal', attempts: 0, message: '' });
    expect(fixture.store.messages('agent-started')).toEqual(['web1: Heard again after 1 restart of its agent.']);
    await fixture.run(120, [...others, 'web1']);
    expect(fixture.control.orders).toEqual(['restart web1']);
  });

  it('is tried at growing intervals, five times, and then needs attention until it is heard again', async () => {
    const fixture = oneSilent();
    fixture.control.outcomes.set('web1', { ok: false, why: 'unreachable', message: 'Nobody answers.', byHand: 'ssh web1' });
    const atSeconds: number[] = [];
    fixture.control.onOrder = () => void atSeconds.push(Math.round(fixture.clock.monotonicMs() / 1000));
    await fixture.run(1400, others);
    const pauses = atSeconds.map((at, index) => at - (atSeconds[index - 1] ?? 0));
    expect(pauses).toEqual([41, 40, 80, 160, 320]);
    expect(fixture.store.agentOf('web1')).toMatchObject({ state: 'needs-attention', attempts: 5 });
    expect(fixture.store.messages('agent-needs-attention')).toEqual([
      'web1: Not heard after 5 restarts of its agent. Somebody has to look.',
    ]);
    await fixture.run(2000, others);
    expect(fixture.control.orders).toHaveLength(5);
    fixture.hear('web1');
    await fixture.run(10, [...others, 'web1']);
    expect(fixture.store.agentOf('web1')).toEqual({ state: 'normal', attempts: 0, message: '' });
    expect(fixture.store.messages('agent-started')).toEqual(['web1: Heard again: it needs no attention any more.']);
  });

  it('keeps why the last restart did not work', async () => {
    const fixture = oneSilent();
    fixture.control.outcomes.set('web1', { ok: false, why: 'refused', message: 'The host key has changed.', byHand: 'ssh web1' });
    await fixture.run(45, others);
    expect(fixture.store.agentOf('web1').message).toBe('Not heard for 41 s: restart 1 of 5. The host key has changed.');
    expect(fixture.store.messages('agent-restarted')).toEqual([]);
    expect(fixture.log.messages('warn')).toEqual(['The host key has changed.']);
  });

  it.each([
    ['in maintenance', { inMaintenance: true }],
    ['not registered', { registered: false }],
    ['without a way to it', { controllable: false }],
  ])('is left alone when it is %s', async (_what, node) => {
    const fixture = oneSilent();
    fixture.store.put('web1', node);
    await fixture.run(200, others);
    expect(fixture.control.orders).toEqual([]);
    expect(fixture.store.events).toEqual([]);
  });

  it('is told of in the log with the reason, once for each reason', async () => {
    const fixture = oneSilent();
    fixture.store.put('web1', { inMaintenance: true });
    await fixture.run(100, others);
    fixture.store.put('web1', { inMaintenance: false, controllable: false });
    await fixture.run(100, others);
    expect(fixture.log.messages('info')).toEqual([
      'an agent that is not heard is left alone: The node is in maintenance.',
      'an agent that is not heard is left alone: The server has no way to it over SSH.',
    ]);
  });

  it('is left alone while the monitor is off, and seen when it is turned on', async () => {
    const fixture = oneSilent();
    fixture.settings = { ...fixture.settings, enabled: false };
    await fixture.run(100, others);
    expect(fixture.control.orders).toEqual([]);
    fixture.settings = { ...fixture.settings, enabled: true };
    await fixture.run(1, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
  });

  it('is judged by the threshold in force: three intervals when those are longer', async () => {
    const fixture = oneSilent();
    fixture.settings = { ...fixture.settings, heartbeatSeconds: 60 };
    await fixture.run(180, others);
    expect(fixture.control.orders).toEqual([]);
    await fixture.run(1, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
  });
});

describe('many agents at once', () => {
  it('are the brake: nothing is restarted, one event says why, and all have fresh clocks once most are back', async () => {
    const [lost, heard] = [names(3, 'lost'), names(2)];
    const fixture = new LivenessFixture().add(...lost, ...heard);
    await fixture.run(300, heard);
    expect(fixture.control.orders).toEqual([]);
    expect(fixture.store.isBraked).toBe(true);
    expect(fixture.store.messages('liveness-brake')).toEqual([expect.stringContaining('3 of 5 nodes are unheard at once')]);
    expect(fixture.log.messages('warn')).toHaveLength(1);
    // Two of the three return: the third is not restarted in the next threshold, as if it had been heard just now.
    const back = [...heard, 'lost0', 'lost1'];
    fixture.hear(...back);
    await fixture.run(39, back);
    expect(fixture.store.isBraked).toBe(false);
    expect(fixture.control.orders).toEqual([]);
    expect(fixture.store.messages('liveness-brake')).toHaveLength(2);
    await fixture.run(5, back);
    expect(fixture.control.orders).toEqual(['restart lost2']);
    expect(fixture.store.agentOf('lost2').attempts).toBe(1);
  });

  it('say how many while the brake is on', async () => {
    const fixture = new LivenessFixture().add(...names(4, 'lost'), ...names(2));
    await fixture.run(45, names(2));
    const { message } = await fixture.store.brake.read();
    expect(message).toContain('4 of 6');
    fixture.hear('lost0');
    await fixture.run(10, [...names(2), 'lost0']);
    expect((await fixture.store.brake.read()).message).toContain('3 of 6');
    expect(fixture.store.messages('liveness-brake')).toHaveLength(1);
  });

  it('are restarted ten at a time, and slow hosts take their places only', async () => {
    const [lost, heard] = [names(14, 'lost'), names(60)];
    const fixture = new LivenessFixture().add(...lost, ...heard);
    for (const name of names(9, 'lost')) fixture.control.slow.add(name);
    await fixture.run(45, heard);
    // Nine hang; the others came one after the other through the one place that was left.
    expect(fixture.control.orders.toSorted()).toEqual(
      names(14, 'lost')
        .slice(9)
        .map((name) => `restart ${name}`)
        .toSorted(),
    );
    expect(fixture.control.mostAtOnce).toBeLessThanOrEqual(10);
    for (const name of names(9, 'lost')) fixture.control.finish(name);
    await fixture.run(1, heard);
    expect(fixture.control.orders).toHaveLength(14);
  });
});

/** What another process finds. */
describe('a server that is killed', () => {
  it('has counted the restart before it began it: the next one goes on with the count and waits its time', async () => {
    const killed = oneSilent();
    killed.control.slow.add('web1');
    await killed.run(42, others);
    expect(killed.store.agentOf('web1')).toMatchObject({ state: 'restarting', attempts: 1 });
    const next = new LivenessFixture(killed);
    next.control.slow.clear();
    next.hear(...others);
    await next.run(38, others);
    expect(next.control.orders).toEqual([]);
    await next.run(4, others);
    expect(next.control.orders).toEqual(['restart web1']);
    expect(next.store.agentOf('web1').attempts).toBe(2);
  });

  it('leaves the brake on for the next one, which lets go of it', async () => {
    const [lost, heard] = [names(3, 'lost'), names(2)];
    const killed = new LivenessFixture().add(...lost, ...heard);
    await killed.run(45, heard);
    const next = new LivenessFixture(killed);
    next.graceLeftMs = 75_000;
    next.hear(...heard);
    await next.run(20, heard);
    expect(next.store.isBraked).toBe(true);
    next.hear(...lost);
    next.graceLeftMs = 0;
    await next.run(10, [...heard, ...lost]);
    expect(next.store.isBraked).toBe(false);
    expect(next.control.orders).toEqual([]);
  });

  it('is one of two that decide the same: one restart takes place', async () => {
    const first = oneSilent();
    const second = new LivenessFixture(first);
    second.hear('web1', ...others);
    first.control.slow.add('web1');
    for (let second_ = 0; second_ < 60; second_ += 1) {
      first.clock.pass(1000);
      first.store.hear(...others);
      await Promise.all([first.loop.tick(), second.loop.tick()]);
    }
    first.control.finish('web1');
    await Promise.all([first.loop.settled(), second.loop.settled()]);
    expect(first.control.orders).toEqual(['restart web1']);
    expect(first.store.agentOf('web1').attempts).toBe(1);
  });

  it('gives up its restarts when it stops in order, and says nothing afterwards', async () => {
    const fixture = oneSilent();
    fixture.control.slow.add('web1');
    await fixture.run(42, others);
    await fixture.loop.stop();
    expect(fixture.control.orders).toEqual([]);
    expect(fixture.store.messages('agent-restarted')).toEqual([]);
    await fixture.loop.tick();
    expect(fixture.control.atOnce).toBe(0);
  });
});

describe('a store that fails', () => {
  it('costs nothing but time', async () => {
    const fixture = oneSilent();
    await fixture.run(30, others);
    fixture.store.failure = new Error('the database is away');
    await expect(fixture.run(8, others)).rejects.toThrow('the database is away');
    fixture.store.failure = undefined;
    fixture.loop.invalidate();
    await fixture.run(10, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
  });

  it('may fail when the end of a restart is written: the restart has been counted', async () => {
    const fixture = oneSilent();
    fixture.control.onOrder = () => {
      fixture.store.failure = new Error('the database is away');
    };
    await fixture.run(41, others);
    expect(fixture.log.messages('warn')).toEqual(['how the restart of an agent ended could not be written']);
    fixture.store.failure = undefined;
    fixture.control.onOrder = () => undefined;
    await fixture.run(30, others);
    expect(fixture.store.agentOf('web1')).toMatchObject({ state: 'restarting', attempts: 1 });
    expect(fixture.control.orders).toHaveLength(1);
  });

  it('is read every five seconds while nothing happens, not every second', async () => {
    const fixture = new LivenessFixture().add(...others);
    await fixture.run(100, others);
    expect(fixture.store.reads).toBeLessThanOrEqual(21);
  });
});

describe('the threshold', () => {
  it('is what the tests above take it for', () => expect(thresholdMs).toBe(40_000));
});
