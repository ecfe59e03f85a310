import { expect, it } from 'vitest';
import { boundedServers, boundedSettings } from './bounded-settings.ts';

it('leaves sensible settings as they are', () => {
  const settings = { heartbeatSeconds: 10, timeoutSeconds: 30, reportSeconds: 300, servers: ['a:1', '[::1]:2'] };
  expect(boundedSettings(settings)).toEqual(settings);
});

it('never spins, never falls silent, and keeps only servers that can be called', () => {
  const servers = ['a:1', 'nonsense', ...Array.from({ length: 100 }, (_, index) => `b${index}:1`)];
  const least = boundedSettings({ heartbeatSeconds: 1e-9, timeoutSeconds: 1e-9, reportSeconds: 1e-9, servers });
  expect(least).toMatchObject({ heartbeatSeconds: 0.1, timeoutSeconds: 0.2, reportSeconds: 1 });
  expect(least.servers).toHaveLength(64);
  expect(least.servers).not.toContain('nonsense');
  const most = boundedSettings({ heartbeatSeconds: 1e300, timeoutSeconds: 1e300, reportSeconds: 1e300, servers: [] });
  expect(most).toEqual({ heartbeatSeconds: 3600, timeoutSeconds: 7200, reportSeconds: 86_400, servers: [] });
});

it('probes only where there is another server, and leaves a pong time to come', () => {
  const settings = {
    heartbeatSeconds: 10,
    timeoutSeconds: 30,
    reportSeconds: 300,
    servers: ['a:1', 'b:1'],
    probeSeconds: 2,
    probeTimeoutSeconds: 3.5,
  };
  expect(boundedSettings(settings)).toEqual(settings);
  expect(boundedSettings({ ...settings, servers: ['a:1', 'nonsense'] })).not.toHaveProperty('probeSeconds');
  const { probeSeconds: _seconds, ...half } = settings;
  expect(boundedSettings(half)).not.toHaveProperty('probeTimeoutSeconds');
  expect(boundedSettings({ ...settings, probeSeconds: 1e-9, probeTimeoutSeconds: 1e-9 })).toMatchObject({ probeSeconds: 0.1 });
  expect(boundedSettings({ ...settings, probeTimeoutSeconds: 1 }).probeTimeoutSeconds).toBe(3);
  expect(boundedSettings({ ...settings, probeSeconds: 1e300, probeTimeoutSeconds: 1e300 })).toMatchObject({
    probeSeconds: 600,
    probeTimeoutSeconds: 1200,
  });
});

it('keeps of a list of servers what can be called', () => {
  expect(boundedServers(['a:1', 'https://b', '', '[::1]:2'])).toEqual(['a:1', '[::1]:2']);
});
