import { expect, it } from 'vitest';
import { goodNode } from '../../../fake/fake-nodes.ts';
import { isSameRow } from './same-row.ts';

const { node } = goodNode(1);

it('takes a mere heartbeat for the same row', () => {
  const beaten = {
    ...node,
    heartbeatAgeSeconds: 0,
    lastHeartbeatAt: '2026-11-21T10:00:00.000Z',
    clockSkewSeconds: 1,
    updatedAt: '2026-11-21T10:00:00.000Z',
  };
  expect(isSameRow(node, beaten)).toBe(true);
});

it.each([
  { name: 'other' },
  { connected: false },
  { publicIp: '192.0.2.1' },
  { registration: 'pending' as const },
  { certificateSerial: null },
  { environments: 'off' as const },
  { health: { ...node.health } },
  { facts: null },
])('sees the change %j', (change) => expect(isSameRow(node, { ...node, ...change })).toBe(false));
