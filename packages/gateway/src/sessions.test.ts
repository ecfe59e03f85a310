import type { Event } from '@muster/api';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { type KeptSession, Sessions } from './sessions.ts';

function session(nodeId: string, serial: string, notAfterMs = Number.POSITIVE_INFINITY) {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const closed: number[] = [];
  const terminate = vi.fn(() => end());
  const kept: KeptSession = {
    identity: { nodeId, nodeName: `name of ${nodeId}`, serial, notAfterMs, authority: 1 },
    ended,
    greeted: true,
    lastMessageMs: 0,
    send: vi.fn(),
    close: (code) => void closed.push(code),
    terminate,
  };
  return { kept, closed, terminate, end };
}

const event = (kind: Event['kind'], nodeId: string, data: Event['data'] = {}): Event => ({
  id: 1,
  at: '2026-01-01T00:00:00Z',
  kind,
  severity: 'info',
  nodeId,
  nodeName: `name of ${nodeId}`,
  message: '',
  data,
});

describe('sessions', () => {
  it('end with their certificate or node, every one of them and no other', () => {
    const sessions = new Sessions(new FakeClock());
    const [a, b, c] = [session('n1', 's1'), session('n1', 's2'), session('n2', 's3')];
    for (const one of [a, b, c]) sessions.add(one.kept);
    sessions.apply(event('node-facts', 'n1'));
    sessions.apply(event('node-changed', 'n1'));
    sessions.apply(event('certificate-revoked', 'n1', { serial: 's2' }));
    expect([a.closed, b.closed, c.closed]).toEqual([[], [4001], []]);
    sessions.apply(event('node-removed', 'n1'));
    expect([a.closed, c.closed]).toEqual([[4001], []]);
    expect(sessions.serials()).toEqual(['s1', 's2', 's3']);
    sessions.endSerials([{ serial: 's3', reason: 'unknown' }]);
    expect(c.closed).toEqual([4001]);
  });

  it('end when their certificate does, by its own date', () => {
    const sessions = new Sessions(new FakeClock());
    const [a, b] = [session('n1', 's1', 1000), session('n2', 's2', 2000)];
    for (const one of [a, b]) sessions.add(one.kept);
    sessions.endExpired(1000);
    expect([a.closed, b.closed]).toEqual([[], []]);
    sessions.endExpired(1001);
    expect([a.closed, b.closed]).toEqual([[4001], []]);
  });

  it('remember for a minute what ended, for a connection that was being checked meanwhile', () => {
    const clock = new FakeClock();
    const sessions = new Sessions(clock);
    sessions.apply(event('certificate-revoked', 'n1', { serial: 's1' }));
    clock.pass(30_000);
    sessions.dropSilent(1000);
    const late = session('n1', 's1');
    sessions.add(late.kept);
    expect(late.closed).toEqual([4001]);
    clock.pass(31_000);
    sessions.dropSilent(1000);
    const later = session('n1', 's1');
    sessions.add(later.kept);
    expect(later.closed).toEqual([]);
  });

  it('are dropped when silent, and forgotten when they end', async () => {
    const clock = new FakeClock();
    const sessions = new Sessions(clock);
    const one = session('n1', 's1');
    sessions.add(one.kept);
    clock.pass(1000);
    sessions.dropSilent(1000);
    expect(one.terminate).not.toHaveBeenCalled();
    clock.pass(1);
    sessions.dropSilent(1000);
    expect(one.terminate).toHaveBeenCalledOnce();
    await sessions.ended();
    sessions.terminateAll();
    expect(one.terminate).toHaveBeenCalledOnce();
  });
});
