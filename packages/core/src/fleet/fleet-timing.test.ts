import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetTiming, longestReconnectSeconds, restartGraceSeconds } from './fleet-timing.ts';

describe('the times of a fleet', () => {
  it.each([
    { nodes: 0, heartbeatSeconds: 5 },
    { nodes: 1, heartbeatSeconds: 5 },
    { nodes: 500, heartbeatSeconds: 5 },
    { nodes: 501, heartbeatSeconds: 6 },
    { nodes: 1000, heartbeatSeconds: 10 },
    { nodes: 6000, heartbeatSeconds: 60 },
    { nodes: 100_000, heartbeatSeconds: 60 },
  ])('$nodes nodes give a sign of life every $heartbeatSeconds s', ({ nodes, heartbeatSeconds }) => {
    expect(fleetTiming(nodes)).toEqual({ heartbeatSeconds, timeoutSeconds: 3 * heartbeatSeconds, reportSeconds: 300 });
  });

  it('are those of the configuration where it fixes the interval', () => {
    expect(fleetTiming(100_000, 2)).toMatchObject({ heartbeatSeconds: 2, timeoutSeconds: 6 });
  });

  it('never grow shorter with the fleet, and keep its heartbeats bounded', () => {
    fc.assert(
      fc.property(fc.nat(6000), fc.nat(6000), (some, more) => {
        const [small, large] = [fleetTiming(Math.min(some, more)), fleetTiming(Math.max(some, more))];
        expect(small.heartbeatSeconds).toBeLessThanOrEqual(large.heartbeatSeconds);
        expect(Math.max(some, more) / large.heartbeatSeconds).toBeLessThanOrEqual(100);
        expect(large.timeoutSeconds).toBeGreaterThan(2 * large.heartbeatSeconds);
      }),
    );
  });

  it.each([
    { nodes: 3, servers: 3, probeSeconds: 2 },
    { nodes: 2000, servers: 3, probeSeconds: 2 },
    { nodes: 2001, servers: 3, probeSeconds: 3 },
    { nodes: 2001, servers: 5, probeSeconds: 2 },
    { nodes: 1001, servers: 2, probeSeconds: 3 },
    { nodes: 100_000, servers: 3, probeSeconds: 30 },
  ])('$nodes nodes of $servers servers ping every $probeSeconds s', ({ nodes, servers, probeSeconds }) => {
    expect(fleetTiming(nodes, undefined, servers)).toEqual({
      ...fleetTiming(nodes),
      probeSeconds,
      probeTimeoutSeconds: probeSeconds + 1.5,
    });
  });

  it('have no pings in them where a server is alone', () => {
    expect(fleetTiming(1000, undefined, 1)).toEqual(fleetTiming(1000));
    expect(fleetTiming(1000)).not.toHaveProperty('probeSeconds');
  });

  it('let the thousand agents of a pool be on another server within five seconds', () => {
    const { probeTimeoutSeconds = Infinity } = fleetTiming(1000, undefined, 3);
    // Besides: a quarter of a second of jitter, and a TLS connection.
    expect(probeTimeoutSeconds + 0.25).toBeLessThan(4);
  });

  it('leave an agent its longest wait and a whole time-out after the server started', () => {
    expect(longestReconnectSeconds).toBe(60);
    expect(restartGraceSeconds(fleetTiming(3))).toBe(75);
    expect(restartGraceSeconds(fleetTiming(6000))).toBe(240);
  });
});
