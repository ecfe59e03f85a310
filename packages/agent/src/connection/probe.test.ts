import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { Probe } from './probe.ts';

const plain = { heartbeatSeconds: 10, timeoutSeconds: 30, reportSeconds: 300, servers: ['a:1', 'b:1'] };
const settings = { ...plain, probeSeconds: 2, probeTimeoutSeconds: 3.5 };

function begin(answers = true) {
  const clock = new FakeClock();
  const pingedAtMs: number[] = [];
  const silentAtMs: number[] = [];
  const server = { answers };
  const probe = new Probe({
    clock,
    onSilent: () => silentAtMs.push(clock.nowMs),
    ping: () => {
      pingedAtMs.push(clock.nowMs);
      if (server.answers) probe.heard();
    },
  });
  return { clock, probe, server, pingedAtMs, silentAtMs };
}

describe('probes', () => {
  it('begin at a random phase and keep the interval within a tenth', async () => {
    const { clock, probe, pingedAtMs } = begin();
    clock.randoms.push(0.25, 0, 1);
    probe.apply(settings);
    await clock.pass(4600);
    expect(pingedAtMs).toEqual([500, 2300, 4500]);
  });

  it('find a connection silent when nothing was heard for the time-out, once', async () => {
    const { clock, probe, server, silentAtMs } = begin();
    probe.apply(settings);
    await clock.pass(5000);
    server.answers = false;
    await clock.pass(60_000);
    // The last answer came with the ping at 5 s.
    expect(silentAtMs).toEqual([8500]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('take anything that is heard for a sign of life', async () => {
    const { clock, probe, silentAtMs } = begin(false);
    probe.apply(settings);
    for (let round = 0; round < 10; round += 1) {
      await clock.pass(3400);
      probe.heard();
    }
    expect(silentAtMs).toEqual([]);
    await clock.pass(3500);
    expect(silentAtMs).toEqual([37_500]);
  });

  it('do not take a pause of this process for silence of the server', async () => {
    const { clock, probe, server, silentAtMs } = begin(false);
    probe.apply(settings);
    await clock.pass(1000);
    // As after SIGSTOP and SIGCONT: every timer comes late, and what has arrived meanwhile is not read yet.
    clock.nowMs += 30_000;
    server.answers = true;
    await clock.pass(10_000);
    expect(silentAtMs).toEqual([]);
    server.answers = false;
    await clock.pass(10_000);
    expect(silentAtMs).toHaveLength(1);
  });

  it('take new times at once, and end where the settings ask for none', async () => {
    const { clock, probe, pingedAtMs, silentAtMs } = begin(false);
    probe.apply(settings);
    await clock.pass(3000);
    probe.apply({ ...settings, probeTimeoutSeconds: 6 });
    await clock.pass(5000);
    expect(silentAtMs).toEqual([]);
    const before = pingedAtMs.length;
    probe.apply(plain);
    await clock.pass(60_000);
    expect([pingedAtMs.length, silentAtMs, clock.pendingTimers]).toEqual([before, [], 0]);
  });

  it('go on undisturbed when the same settings are told again', async () => {
    const { clock, probe, silentAtMs } = begin(false);
    probe.apply(settings);
    await clock.pass(3000);
    probe.apply({ ...settings, servers: ['b:1', 'a:1'] });
    await clock.pass(500);
    expect(silentAtMs).toEqual([3500]);
  });

  it('are not sent where nothing asks for them', async () => {
    const { clock, probe, pingedAtMs } = begin();
    probe.apply(plain);
    await clock.pass(60_000);
    expect([pingedAtMs, clock.pendingTimers]).toEqual([[], 0]);
  });
});
