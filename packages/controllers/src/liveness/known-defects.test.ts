import { describe, expect, it } from 'vitest';
import { LivenessFixture, names } from '../../test/liveness-fixture.ts';

const others = names(9);
const oneSilent = (): LivenessFixture => new LivenessFixture().add('web1', ...others);
const unreachable = { ok: false, why: 'unreachable', message: 'Nobody answers.', byHand: 'ssh web1' } as const;

/* Each of these is a defect of the monitor that this one replaces (reference: AgentLivenessMonitor). */
describe('the monitor has none of the known defects', () => {
  it('no backoff: a dead host was tried every half threshold', async () => {
    const fixture = oneSilent();
    fixture.control.outcomes.set('web1', unreachable);
    await fixture.run(600, others);
    expect(fixture.control.orders.length).toBeLessThanOrEqual(5);
  });

  it('no cap: it was tried for ever', async () => {
    const fixture = oneSilent();
    fixture.control.outcomes.set('web1', unreachable);
    await fixture.run(20_000, others);
    expect(fixture.control.orders).toHaveLength(5);
  });

  it('no de-duplication: a host that is being restarted was queued again', async () => {
    const fixture = oneSilent();
    fixture.control.slow.add('web1');
    await fixture.run(600, others);
    fixture.control.finish('web1');
    await fixture.loop.settled();
    expect(fixture.control.orders).toEqual(['restart web1']);
  });

  it('one after the other: a host that takes its time held up all others', async () => {
    const fixture = new LivenessFixture().add('web1', 'web2', ...others);
    fixture.control.slow.add('web1');
    await fixture.run(45, others);
    expect(fixture.control.orders).toEqual(['restart web2']);
  });

  it('no brake: when the network was gone, every agent was restarted', async () => {
    const fixture = new LivenessFixture().add(...names(10, 'lost'));
    await fixture.run(3600);
    expect(fixture.control.orders).toEqual([]);
  });

  it('invisible: nodes that were not heard since the start of the server were never seen', async () => {
    const fixture = new LivenessFixture();
    fixture.store.put('web1');
    fixture.store.heardBefore('web1', 3_600_000);
    fixture.store.put('never');
    fixture.add(...others);
    fixture.graceLeftMs = 75_000;
    await fixture.run(75, others);
    expect(fixture.control.orders).toEqual([]);
    fixture.graceLeftMs = 0;
    await fixture.run(2, others);
    expect(fixture.control.orders.toSorted()).toEqual(['restart never', 'restart web1']);
  });

  it('midnight: a node last seen just before it was never dead on the next day', async () => {
    const fixture = oneSilent();
    fixture.clock.wallStartMs = Date.parse('2026-01-01T23:59:50Z');
    await fixture.run(45, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
  });

  it.each([
    ['the clock of the server is set back', (fixture: LivenessFixture) => (fixture.clock.wallStartMs -= 3_600_000)],
    ['the clock of the server is set forward', (fixture: LivenessFixture) => (fixture.clock.wallStartMs += 3_600_000)],
    ['the clock of the database is set back', (fixture: LivenessFixture) => (fixture.store.dbClockSetMs -= 3_600_000)],
    ['the clock of the database is set forward', (fixture: LivenessFixture) => (fixture.store.dbClockSetMs += 3_600_000)],
    ['the clock of the database is set back by a day', (fixture: LivenessFixture) => (fixture.store.dbClockSetMs -= 86_400_000)],
  ])('clocks: %s, and nobody is dead who is not, and nobody is forgotten who is', async (_what, set) => {
    const fixture = oneSilent();
    await fixture.run(20, others);
    set(fixture);
    await fixture.run(19, others);
    expect(fixture.control.orders).toEqual([]);
    await fixture.run(8, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
    // Later tries come in their time too.
    await fixture.run(45, others);
    expect(fixture.control.orders).toEqual(['restart web1', 'restart web1']);
  });

  it('clocks: one that is set while the brake is on does not keep the clocks fresh for ever', async () => {
    const [lost, heard] = [names(3, 'lost'), names(2)];
    const fixture = new LivenessFixture().add(...lost, ...heard);
    await fixture.run(45, heard);
    const back = [...heard, 'lost0', 'lost1'];
    fixture.hear(...back);
    await fixture.run(6, back);
    fixture.store.dbClockSetMs -= 86_400_000;
    await fixture.run(45, back);
    expect(fixture.control.orders).toEqual(['restart lost2']);
  });

  it('clocks: a next try that the database puts off for a day after a restart of the server is tried within its usual time', async () => {
    const killed = oneSilent();
    killed.control.outcomes.set('web1', unreachable);
    await killed.run(45, others);
    killed.store.dbClockSetMs -= 86_400_000;
    const next = new LivenessFixture(killed);
    next.hear(...others);
    await next.run(70, others);
    expect(next.control.orders).toEqual(['restart web1', 'restart web1']);
  });

  it('told nobody: a restart was in no list and no event', async () => {
    const fixture = oneSilent();
    await fixture.run(45, others);
    expect(fixture.store.agentOf('web1').state).toBe('restarting');
    expect(fixture.store.messages('agent-restarted')).toHaveLength(1);
  });

  it('resurrection: an agent that somebody has stopped is started by nobody, and this holds across restarts of the server', async () => {
    const fixture = oneSilent();
    await fixture.store.agents.mark('web1', 'stopped', 'by alice');
    await fixture.run(200, others);
    const next = new LivenessFixture(fixture);
    next.hear(...others);
    await next.run(200, others);
    expect(next.control.orders).toEqual([]);
    expect(next.store.agentOf('web1')).toMatchObject({ state: 'stopped', message: 'by alice' });
  });

  it('resurrection: also one that is stopped while its restart waits its turn', async () => {
    const fixture = oneSilent();
    fixture.control.slow.add('web1');
    await fixture.run(42, others);
    await fixture.store.agents.mark('web1', 'stopped', 'by alice');
    fixture.control.finish('web1');
    await fixture.loop.settled();
    expect(fixture.control.orders).toEqual([]);
    expect(fixture.store.agentOf('web1')).toMatchObject({ state: 'stopped', message: 'by alice' });
  });

  it('an agent that was stopped and is heard again was started on its host: it is watched again', async () => {
    const fixture = oneSilent();
    await fixture.store.agents.mark('web1', 'stopped', 'by alice');
    await fixture.run(80, [...others, 'web1']);
    expect(fixture.store.agentOf('web1').state).toBe('normal');
    expect(fixture.store.messages('agent-started')).toHaveLength(1);
    await fixture.run(50, others);
    expect(fixture.control.orders).toEqual(['restart web1']);
  });
});
