import { expect, it } from 'vitest';
import { boundedSettings } from './bounded-settings.ts';

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
