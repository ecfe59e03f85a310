import type { ServicesReport } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { graceMs, HealthFixture, timeoutMs } from '../../test/health-fixture.ts';

const services = (state: 'running' | 'failed'): ServicesReport => ({
  available: true,
  services: [{ unit: 'ssh.service', state, detail: '', since: null }],
});

describe('a node that is heard', () => {
  it('is written once when it turns good, and not again while it stays so', async () => {
    const { loop, store, presence, ...fixture } = HealthFixture.settled();
    store.put('web1', { state: 'unknown' });
    presence.hear('web1');
    await loop.tick();
    expect(store.saves).toEqual([
      {
        changes: [{ nodeId: 'web1', state: 'good', reasons: [] }],
        events: [
          {
            kind: 'node-health',
            severity: 'info',
            nodeId: 'web1',
            nodeName: 'web1',
            message: 'web1 is good (was unknown).',
            data: { from: 'unknown', to: 'good', reasons: [] },
          },
        ],
      },
    ]);
    for (let i = 0; i < 20; i++) {
      fixture.clock.pass(1000);
      presence.hear('web1');
      await loop.tick();
    }
    expect(store.saves).toHaveLength(1);
  });

  it('turns bad when it is silent for longer than the time-out, and good when it is heard again', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    await fixture.after(timeoutMs);
    expect(fixture.store.saves).toEqual([]);
    await fixture.after(1);
    expect(fixture.store.messages).toEqual([
      'web1 is bad (was good). Not heard within 15 s. The machine, its network or its agent is down.',
    ]);
    await fixture.after(1000);
    expect(fixture.store.saves).toHaveLength(1);
    fixture.presence.hear('web1');
    await fixture.after(1000);
    expect(fixture.store.messages.at(-1)).toBe('web1 is good (was bad).');
  });

  it('is measured by the time-out now in force', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    fixture.timing = { timeoutMs: 60_000, graceMs };
    await fixture.after(30_000);
    expect(fixture.store.saves).toEqual([]);
    fixture.timing = { timeoutMs, graceMs };
    await fixture.after(1);
    expect(fixture.store.stateOf('web1')).toBe('bad');
  });

  it('is told of by each severity its state has', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { services: services('failed') });
    fixture.presence.hear('web1');
    await fixture.after(0);
    await fixture.after(timeoutMs + 1);
    fixture.store.put('web1', { services: services('running') });
    fixture.loop.invalidate();
    fixture.presence.hear('web1');
    await fixture.after(1);
    const events = fixture.store.saves.flatMap((save) => save.events);
    expect(events.map((event) => event.severity)).toEqual(['warning', 'error', 'info']);
  });
});

describe('the services and the certificate of a node', () => {
  it('make it degraded, with each new reason written but only a new state announced', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { services: services('failed') });
    fixture.presence.hear('web1');
    await fixture.loop.tick();
    expect(fixture.store.messages).toEqual(['web1 is degraded (was good). ssh.service is failed.']);
    fixture.store.put('web1', {
      services: { available: true, services: [{ unit: 'a.service', state: 'stopped', detail: 'dead', since: null }] },
    });
    fixture.loop.invalidate();
    await fixture.loop.tick();
    expect(fixture.store.saves.at(-1)).toMatchObject({
      changes: [{ nodeId: 'web1', state: 'degraded', reasons: [{ unit: 'a.service' }] }],
      events: [],
    });
  });

  it('count only while the node is heard', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { services: services('failed') });
    fixture.presence.hear('web1');
    await fixture.after(timeoutMs + 1);
    expect(fixture.store.saves.at(-1)?.changes).toMatchObject([{ state: 'bad', reasons: [{ code: 'not-heard' }] }]);
  });

  it('are judged by the wall clock of the server where the certificate ends', async () => {
    const fixture = HealthFixture.settled();
    const nowMs = fixture.clock.wallMs();
    const dayMs = 86_400_000;
    fixture.store.put('web1', { certificate: { notBeforeMs: nowMs - 85 * dayMs, notAfterMs: nowMs + 5 * dayMs } });
    fixture.presence.hear('web1');
    await fixture.loop.tick();
    expect(fixture.store.saves.at(-1)?.changes).toMatchObject([{ state: 'degraded', reasons: [{ code: 'certificate-near-end' }] }]);
    fixture.clock.wallStartMs += 6 * dayMs;
    await fixture.loop.tick();
    expect(fixture.store.saves.at(-1)?.changes).toMatchObject([{ reasons: [{ message: 'The certificate has expired.' }] }]);
  });
});

describe('a server that has just started', () => {
  it('waits for the agents of before, and says so', async () => {
    const fixture = new HealthFixture();
    for (const state of ['good', 'degraded', 'bad'] as const) fixture.store.put(state, { state, heardAtMs: -3_600_000 });
    await fixture.after(0);
    expect(fixture.store.saves).toHaveLength(1);
    expect(fixture.store.messages).toEqual([]);
    for (const change of fixture.store.saves[0]?.changes ?? []) {
      expect(change).toMatchObject({ state: change.nodeId, reasons: [{ code: 'waiting-after-restart' }] });
    }
    await fixture.after(graceMs - 1);
    expect(fixture.store.messages).toEqual([]);
    await fixture.after(1);
    expect(fixture.store.messages.map((message) => message.split('.')[0])).toEqual([
      'good is bad (was good)',
      'degraded is bad (was degraded)',
    ]);
    expect(fixture.store.stateOf('bad')).toBe('bad');
  });

  it('takes each agent as it comes back, at once', async () => {
    const fixture = new HealthFixture();
    fixture.store.put('web1', { state: 'bad', heardAtMs: -3_600_000 });
    await fixture.after(0);
    fixture.presence.hear('web1');
    await fixture.after(1000);
    expect(fixture.store.messages).toEqual(['web1 is good (was bad).']);
  });

  it('does not wait once more for an agent that came back and was lost again', async () => {
    const fixture = new HealthFixture();
    fixture.store.put('web1', { state: 'good', heardAtMs: 0 });
    fixture.presence.hear('web1');
    await fixture.after(timeoutMs + 1);
    expect(fixture.loop.graceLeftMs()).toBeGreaterThan(0);
    expect(fixture.store.stateOf('web1')).toBe('bad');
  });

  it('says how long it still waits', () => {
    const { loop, clock } = new HealthFixture();
    expect(loop.graceLeftMs()).toBe(graceMs);
    clock.pass(graceMs - 1);
    expect(loop.graceLeftMs()).toBe(1);
    clock.pass(3_600_000);
    expect(loop.graceLeftMs()).toBe(0);
  });

  it('takes the age that the database kept for a node it has not heard itself, and lets it grow', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { heardAtMs: fixture.clock.nowMs - 10_000 });
    await fixture.after(0);
    expect(fixture.store.saves).toEqual([]);
    await fixture.after(5001);
    expect(fixture.store.reads).toBe(1);
    expect(fixture.store.stateOf('web1')).toBe('bad');
  });

  it('trusts the younger of what it heard and what the database kept', async () => {
    const fixture = HealthFixture.settled();
    fixture.presence.hear('web1');
    fixture.clock.pass(timeoutMs * 2);
    // Heard meanwhile by another server of the pool.
    fixture.store.put('web1', { heardAtMs: fixture.clock.nowMs - 1000 });
    await fixture.loop.tick();
    expect(fixture.store.saves).toEqual([]);
  });

  it('leaves alone who never enrolled or was never heard', async () => {
    const fixture = new HealthFixture();
    fixture.store.put('new', { registered: false, state: 'unknown' });
    fixture.store.put('silent', { state: 'unknown' });
    await fixture.after(graceMs * 2);
    expect(fixture.store.messages).toEqual([]);
    expect(fixture.store.saves[0]?.changes).toMatchObject([
      { nodeId: 'new', state: 'unknown', reasons: [{ code: 'not-registered' }] },
      { nodeId: 'silent', state: 'unknown', reasons: [{ code: 'never-heard' }] },
    ]);
  });
});

describe('the picture of the nodes', () => {
  it('is read again only after an event, or after half a minute', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    for (let i = 0; i < 10; i++) await fixture.after(1000);
    expect(fixture.store.reads).toBe(1);
    fixture.loop.invalidate();
    await fixture.after(1000);
    await fixture.after(1000);
    expect(fixture.store.reads).toBe(2);
    fixture.presence.hear('web1');
    await fixture.after(30_000);
    expect(fixture.store.reads).toBe(3);
  });

  it('is read again when an event comes while it is being read', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    fixture.store.duringRead = () => fixture.loop.invalidate();
    await fixture.loop.tick();
    fixture.store.duringRead = () => undefined;
    await fixture.loop.tick();
    await fixture.loop.tick();
    expect(fixture.store.reads).toBe(2);
  });

  it('forgets a node that was removed: nothing is announced of it', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    await fixture.loop.tick();
    fixture.store.remove('web1');
    fixture.loop.invalidate();
    await fixture.after(timeoutMs * 2);
    expect(fixture.store.saves).toEqual([]);
  });

  it('has a node that was added since', async () => {
    const fixture = HealthFixture.settled();
    await fixture.loop.tick();
    fixture.store.put('web2', { state: 'unknown' });
    fixture.presence.hear('web2');
    fixture.loop.invalidate();
    await fixture.loop.tick();
    expect(fixture.store.messages).toEqual(['web2 is good (was unknown).']);
  });

  it('writes several nodes at once, and only those that changed', async () => {
    const fixture = HealthFixture.settled();
    for (const name of ['web1', 'web2', 'web3']) fixture.store.put(name);
    for (const name of ['web1', 'web2', 'web3']) fixture.presence.hear(name);
    fixture.clock.pass(timeoutMs);
    fixture.presence.hear('web2');
    await fixture.after(1);
    expect(fixture.store.saves).toHaveLength(1);
    expect(fixture.store.saves[0]?.changes.map((change) => change.nodeId)).toEqual(['web1', 'web3']);
  });
});

describe('a store that fails', () => {
  it('in reading loses nothing: the next round decides', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { state: 'bad' });
    fixture.presence.hear('web1');
    fixture.store.failure = new Error('the database is away');
    await expect(fixture.loop.tick()).rejects.toThrow('the database is away');
    fixture.store.failure = undefined;
    await fixture.after(1000);
    expect(fixture.store.messages).toEqual(['web1 is good (was bad).']);
  });

  it('in reading anew leaves no old picture in use', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    await fixture.loop.tick();
    fixture.store.put('web1', { services: services('failed') });
    fixture.loop.invalidate();
    fixture.store.failure = new Error('the database is away');
    await expect(fixture.loop.tick()).rejects.toThrow();
    fixture.store.failure = undefined;
    await fixture.loop.tick();
    expect(fixture.store.stateOf('web1')).toBe('degraded');
  });

  it('in writing is asked again, with the same change', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    await fixture.loop.tick();
    fixture.store.failure = new Error('the database is away');
    fixture.clock.pass(timeoutMs + 1);
    await expect(fixture.loop.tick()).rejects.toThrow();
    fixture.store.failure = undefined;
    await fixture.loop.tick();
    expect(fixture.store.messages).toHaveLength(1);
    expect(fixture.store.stateOf('web1')).toBe('bad');
  });
});

describe('a node in maintenance', () => {
  const maintenance = { reason: 'new disk', by: 'ada', until: null };

  it('says so among its reasons, and what happens to it calls nobody', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { maintenance });
    fixture.presence.hear('web1');
    await fixture.loop.tick();
    const inMaintenance = { code: 'in-maintenance', message: 'In maintenance by ada: new disk' };
    // A new reason for the same state is written, and no event.
    expect(fixture.store.saves).toEqual([{ changes: [{ nodeId: 'web1', state: 'good', reasons: [inMaintenance] }], events: [] }]);
    await fixture.after(timeoutMs + 1);
    const { changes, events } = fixture.store.saves[1] ?? {};
    expect(changes).toMatchObject([{ state: 'bad', reasons: [inMaintenance, { code: 'not-heard' }] }]);
    expect(events).toMatchObject([{ kind: 'node-health', severity: 'info', data: { to: 'bad', maintenance: true } }]);
  });

  it('is as loud as any other once it is over', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { maintenance });
    fixture.presence.hear('web1');
    await fixture.after(timeoutMs + 1);
    fixture.store.put('web1', { maintenance: null });
    fixture.loop.invalidate();
    fixture.presence.hear('web1');
    await fixture.after(1);
    await fixture.after(timeoutMs + 1);
    expect(fixture.store.saves.at(-1)?.events).toMatchObject([{ severity: 'error', message: expect.not.stringContaining('maintenance') }]);
  });
});
