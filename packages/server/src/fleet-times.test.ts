import type { Event } from '@muster/api';
import { describe, expect, it, vi } from 'vitest';
import { keptLog } from '../test/kept-log.ts';
import { FleetTimes } from './fleet-times.ts';

function setUp(heartbeatSeconds?: number) {
  const { log, lines } = keptLog();
  const fleet = { size: 3, away: false, servers: 1 };
  const countByHealth = async () => {
    if (fleet.away) throw new Error('away');
    return { total: fleet.size, byHealth: { good: 0, degraded: 0, bad: 0, unknown: 0 } };
  };
  const store = { nodes: { countByHealth } } as unknown as ConstructorParameters<typeof FleetTimes>[0]['store'];
  return { fleet, lines, times: new FleetTimes({ store, log, heartbeatSeconds, servers: () => fleet.servers }) };
}

const event = (kind: Event['kind']) => ({ kind }) as Event;

describe('the times of the fleet', () => {
  it('follow its size, and are said when they change', async () => {
    const { fleet, times } = setUp();
    expect(await times.read()).toBe(false);
    expect(times.settingsFor(['a:1'])).toEqual({ heartbeatSeconds: 5, timeoutSeconds: 15, reportSeconds: 300, servers: ['a:1'] });
    const onChange = vi.fn();
    fleet.size = 2000;
    times.apply(event('node-facts'), onChange);
    times.apply(event('node-added'), onChange);
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledOnce());
    expect(times.now.heartbeatSeconds).toBe(20);
    expect(times.limits().timeoutMs).toBe(60_000);
    expect(times.limits().graceMs).toBeGreaterThan(60_000);
  });

  it('have pings where there is another server to go to', async () => {
    const { fleet, times } = setUp();
    fleet.servers = 3;
    expect(await times.read()).toBe(true);
    expect(times.now).toMatchObject({ probeSeconds: 2, probeTimeoutSeconds: 3.5 });
  });

  it('are fixed by the configuration', async () => {
    const { fleet, times } = setUp(30);
    fleet.size = 100_000;
    expect(await times.read()).toBe(false);
    expect(times.now.heartbeatSeconds).toBe(30);
  });

  it('stay as they are while the database is away', async () => {
    const { fleet, times, lines } = setUp();
    await times.read();
    fleet.away = true;
    times.apply(event('node-removed'), vi.fn());
    await vi.waitFor(() => expect(lines).toHaveLength(1));
    expect(times.now.heartbeatSeconds).toBe(5);
  });
});
