import type { Event } from '@muster/api';

/** An event with what a test says of it. */
export const exampleEvent = (rest: Partial<Event> = {}): Event => ({
  id: 1,
  at: '2026-01-01T00:00:00.000Z',
  kind: 'node-health',
  severity: 'error',
  nodeId: '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
  nodeName: 'node01',
  message: 'node01 is bad (was good).',
  data: { from: 'good', to: 'bad' },
  ...rest,
});
