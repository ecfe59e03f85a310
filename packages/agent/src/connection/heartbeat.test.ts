import type { AgentMessage } from '@muster/api/agent';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { Heartbeat } from './heartbeat.ts';

const settings = { heartbeatSeconds: 10, timeoutSeconds: 30, reportSeconds: 300, servers: [] };

function begin(firstNow = false) {
  const clock = new FakeClock();
  const sentAtMs: number[] = [];
  const sequences: number[] = [];
  let deaths = 0;
  let next = 7;
  const heartbeat = new Heartbeat(settings, {
    clock,
    nextSequence: () => next++,
    onDead: () => (deaths += 1),
    send: (message: AgentMessage) => {
      if (message.type !== 'heartbeat') return;
      sentAtMs.push(clock.nowMs);
      sequences.push(message.sequence);
    },
  });
  const start = (): void => heartbeat.start(firstNow);
  return { clock, heartbeat, sentAtMs, sequences, start, deaths: () => deaths };
}

describe('heartbeats', () => {
  it('begin at a random phase and keep the interval within a tenth', async () => {
    const { clock, sentAtMs, sequences, start } = begin();
    clock.randoms.push(0.25, 0, 1);
    start();
    await clock.pass(32_500);
    expect(sentAtMs).toEqual([2500, 11_500, 22_500, 32_500]);
    expect(sequences).toEqual([7, 8, 9, 10]);
  });

  it('begin at once after a hand-over', async () => {
    const { clock, sentAtMs, start } = begin(true);
    start();
    await clock.pass(0);
    expect(sentAtMs).toEqual([0]);
  });

  it('call a connection dead that does not answer in time', async () => {
    const { clock, start, deaths } = begin(true);
    start();
    await clock.pass(29_999);
    expect(deaths()).toBe(0);
    await clock.pass(1);
    expect(deaths()).toBe(1);
  });

  it('are content with an answer to any later one', async () => {
    const { clock, heartbeat, start, deaths } = begin(true);
    start();
    await clock.pass(25_000);
    heartbeat.acknowledged(8);
    await clock.pass(4000);
    heartbeat.acknowledged(9);
    await clock.pass(29_000);
    expect(deaths()).toBe(0);
    await clock.pass(2000);
    expect(deaths()).toBe(1);
  });

  it('are not fooled by an old answer', async () => {
    const { clock, heartbeat, start, deaths } = begin(true);
    start();
    heartbeat.acknowledged(6);
    heartbeat.acknowledged(Number.NaN);
    await clock.pass(30_000);
    expect(deaths()).toBe(1);
  });

  it('take a new interval at once', async () => {
    const { clock, heartbeat, sentAtMs, start } = begin(true);
    start();
    heartbeat.apply({ ...settings, heartbeatSeconds: 2 });
    await clock.pass(3000);
    expect(sentAtMs).toEqual([0, 1000, 3000]);
    heartbeat.apply({ ...settings, heartbeatSeconds: 2, timeoutSeconds: 31 });
    await clock.pass(2000);
    expect(sentAtMs).toHaveLength(4);
  });

  it('leave nothing behind', async () => {
    const { clock, heartbeat, start, deaths } = begin(true);
    start();
    heartbeat.stop();
    expect(clock.pendingTimers).toBe(0);
    await clock.pass(100_000);
    expect(deaths()).toBe(0);
  });
});
