import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeAgentControl } from '../../test/fake-agent-control.ts';
import { FakeAgentStore } from '../../test/fake-agent-store.ts';
import { FakeDelivery } from '../../test/fake-delivery.ts';
import type { ControlOutcome } from '../agent-control-port.ts';
import { AgentTaskLoop } from './agent-task-loop.ts';

class Fixture {
  readonly clock = new FakeClock();
  readonly agents = new FakeAgentStore(this.clock);
  readonly delivery = new FakeDelivery();
  readonly control = new FakeAgentControl(this.agents);
  readonly log = new KeptLog();
  readonly loop = new AgentTaskLoop({
    store: { delivery: this.delivery, agents: this.agents.agents },
    control: this.control,
    serverId: 'server',
    clock: this.clock,
    log: this.log,
  });

  constructor(...nodes: readonly string[]) {
    for (const name of nodes) this.agents.put(name);
  }

  /** Does everything that waits. */
  async run(): Promise<void> {
    await this.loop.tick();
    await this.loop.settled();
  }
}

const refused = (why: Extract<ControlOutcome, { ok: false }>['why']): ControlOutcome => ({
  ok: false,
  why,
  message: 'Nobody answers.',
  byHand: 'ssh web1 sudo systemctl stop muster-agent',
});

describe('a task about an agent', () => {
  it.each([
    ['start', 'agent-started', 'started', 'info'],
    ['restart', 'agent-restarted', 'restarted', 'info'],
    ['stop', 'agent-stopped', 'stopped', 'warning'],
  ] as const)('is done over SSH, written down and told of: %s', async (action, kind, word, severity) => {
    const fixture = new Fixture('web1');
    const id = fixture.delivery.add('web1', action);
    await fixture.run();
    expect(fixture.control.orders).toEqual([`${action} web1`]);
    expect(fixture.delivery.results.get(id)).toMatchObject({
      outcome: 'succeeded',
      message: `${action}: done`,
      exitStatus: null,
      output: '',
    });
    expect(fixture.agents.events).toMatchObject([
      { kind, severity, nodeId: 'web1', message: `The agent of web1 was ${word} by alice.`, data: { by: 'alice', task: id } },
    ]);
    expect(fixture.agents.agentOf('web1')).toMatchObject(
      action === 'stop' ? { state: 'stopped', message: 'Stopped by alice.' } : { state: 'normal', attempts: 0, message: '' },
    );
  });

  it.each(['no-ssh', 'unreachable', 'refused', 'failed'] as const)(
    'that did not work (%s) says why, and what to run by hand',
    async (why) => {
      const fixture = new Fixture('web1');
      fixture.control.outcomes.set('web1', refused(why));
      const id = fixture.delivery.add('web1', 'restart');
      await fixture.run();
      expect(fixture.delivery.results.get(id)).toMatchObject({
        outcome: 'failed',
        message: 'Nobody answers. By hand: ssh web1 sudo systemctl stop muster-agent',
      });
      expect(fixture.agents.events).toEqual([]);
    },
  );

  it('whose end is not known is unknown, and is not done again', async () => {
    const fixture = new Fixture('web1');
    fixture.control.outcomes.set('web1', refused('unknown'));
    const id = fixture.delivery.add('web1', 'restart');
    await fixture.run();
    await fixture.run();
    expect(fixture.delivery.results.get(id)?.outcome).toBe('unknown');
    expect(fixture.control.orders).toHaveLength(1);
  });

  it.each(['reload', undefined, 7, { toString: 1 }])(
    'of which the server does not know what is asked (%j) fails and does nothing',
    async (action) => {
      const fixture = new Fixture('web1');
      const id = fixture.delivery.add('web1', action);
      await fixture.run();
      expect([fixture.delivery.results.get(id)?.outcome, fixture.control.orders]).toEqual(['failed', []]);
    },
  );

  it('that was cancelled before it began is not done', async () => {
    const fixture = new Fixture('web1');
    const id = fixture.delivery.add('web1', 'stop', { cancel: true });
    await fixture.run();
    expect([fixture.delivery.results.get(id)?.outcome, fixture.control.orders]).toEqual(['cancelled', []]);
    expect(fixture.agents.agentOf('web1').state).toBe('normal');
  });

  it('says how long it took', async () => {
    const fixture = new Fixture('web1');
    fixture.control.onOrder = () => fixture.clock.pass(1500);
    const id = fixture.delivery.add('web1', 'start');
    await fixture.run();
    expect(fixture.delivery.results.get(id)?.durationMs).toBe(1500);
  });
});

describe('a stop', () => {
  it('is meant before it is ordered: a server that dies in between leaves an agent that nobody starts', async () => {
    const fixture = new Fixture('web1');
    let seen: unknown;
    fixture.control.onOrder = () => {
      seen = fixture.agents.agentOf('web1').state;
    };
    fixture.delivery.add('web1', 'stop');
    await fixture.run();
    expect(seen).toBe('stopped');
  });

  it.each([
    ['normal', 'normal'],
    ['restarting', 'normal'],
    ['needs-attention', 'needs-attention'],
    ['stopped', 'stopped'],
  ] as const)('that certainly did not take place leaves the agent as it was: %s', async (before, after) => {
    const fixture = new Fixture('web1');
    await fixture.agents.agents.mark('web1', before, '');
    fixture.control.outcomes.set('web1', refused('unreachable'));
    fixture.delivery.add('web1', 'stop');
    await fixture.run();
    expect(fixture.agents.agentOf('web1').state).toBe(after);
  });

  it('whose end is not known is still meant', async () => {
    const fixture = new Fixture('web1');
    fixture.control.outcomes.set('web1', refused('unknown'));
    fixture.delivery.add('web1', 'stop');
    await fixture.run();
    expect(fixture.agents.agentOf('web1')).toMatchObject({ state: 'stopped', message: 'Stopped by alice.' });
  });
});

describe('a start', () => {
  it('that failed leaves an agent that was stopped as it was', async () => {
    const fixture = new Fixture('web1');
    await fixture.agents.agents.mark('web1', 'stopped', 'Stopped by bob.');
    fixture.control.outcomes.set('web1', refused('unreachable'));
    fixture.delivery.add('web1', 'start');
    await fixture.run();
    expect(fixture.agents.agentOf('web1')).toMatchObject({ state: 'stopped', message: 'Stopped by bob.' });
  });
});

describe('many of them', () => {
  const names = Array.from({ length: 45 }, (_, index) => `web${index}`);

  it('are done twenty at a time, and slow hosts take their places only', async () => {
    const fixture = new Fixture(...names);
    for (const name of names) fixture.delivery.add(name, 'restart');
    for (const name of names.slice(0, 5)) fixture.control.slow.add(name);
    for (let round = 0; round < 10; round += 1) {
      await fixture.loop.tick();
      for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
    }
    expect(fixture.control.orders).toHaveLength(40);
    expect(fixture.control.mostAtOnce).toBeLessThanOrEqual(20);
    expect(Math.min(...fixture.delivery.claims)).toBeGreaterThanOrEqual(1);
    for (const name of names.slice(0, 5)) fixture.control.finish(name);
    await fixture.loop.settled();
    expect(fixture.delivery.results.size).toBe(45);
  });
});

describe('the loop', () => {
  it('goes on when the store fails: what was claimed stays for the database to end', async () => {
    const fixture = new Fixture('web1', 'web2');
    fixture.delivery.add('web1', 'restart');
    fixture.control.onOrder = () => {
      fixture.delivery.failure = new Error('the database is away');
    };
    await fixture.run();
    expect(fixture.log.messages('warn')).toEqual(['how a task about an agent ended could not be written']);
    fixture.delivery.failure = undefined;
    fixture.control.onOrder = () => undefined;
    const id = fixture.delivery.add('web2', 'restart');
    await fixture.run();
    expect(fixture.delivery.results.get(id)?.outcome).toBe('succeeded');
  });

  it('gives up what is under way when the server stops, and claims nothing more', async () => {
    const fixture = new Fixture('web1');
    const id = fixture.delivery.add('web1', 'restart');
    fixture.control.slow.add('web1');
    await fixture.loop.tick();
    await fixture.loop.stop();
    expect(fixture.delivery.results.get(id)?.outcome).toBe('unknown');
    fixture.delivery.add('web1', 'restart');
    await fixture.loop.tick();
    expect(fixture.delivery.claims).toHaveLength(1);
  });

  describe('by its timer', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    const pass = async (fixture: Fixture, milliseconds: number) => {
      for (let at = 0; at < milliseconds; at += 200) {
        fixture.clock.pass(200);
        await vi.advanceTimersByTimeAsync(200);
      }
    };

    it('looks at once after an event, else every second, and survives a store that fails', async () => {
      const fixture = new Fixture('web1');
      fixture.loop.start();
      await pass(fixture, 200);
      expect(fixture.delivery.claims).toHaveLength(1);
      await pass(fixture, 600);
      expect(fixture.delivery.claims).toHaveLength(1);
      fixture.loop.invalidate();
      await pass(fixture, 200);
      expect(fixture.delivery.claims).toHaveLength(2);
      fixture.delivery.failure = new Error('the database is away');
      await pass(fixture, 1000);
      expect(fixture.log.messages('warn')).toHaveLength(1);
      fixture.delivery.failure = undefined;
      fixture.delivery.add('web1', 'start');
      await pass(fixture, 1200);
      expect(fixture.control.orders).toEqual(['start web1']);
      await fixture.loop.stop();
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
