import type { NewEvent } from '@muster/store';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { keptLog } from '../test/kept-log.ts';
import { Refusals } from './refusals.ts';

function setUp(append: (event: NewEvent) => Promise<void> = async () => undefined) {
  const clock = new FakeClock();
  const { log, lines } = keptLog();
  const events: NewEvent[] = [];
  const refusals = new Refusals(clock, log, (event) => {
    events.push(event);
    return append(event);
  });
  return { clock, lines, events, refusals };
}

const revoked = { reason: 'revoked', message: 'Certificate 01 is revoked.' };

describe('refusals', () => {
  it('counts, logs and announces with the reason', () => {
    const { refusals, lines, events } = setUp();
    refusals.note(revoked, { address: '192.0.2.1', nodeId: 'n1', nodeName: 'worker1' });
    expect([...refusals.counts()]).toEqual([['revoked', 1]]);
    expect(lines).toMatchObject([{ level: 'warn', fields: { ...revoked, address: '192.0.2.1', nodeName: 'worker1' } }]);
    expect(events).toMatchObject([
      { kind: 'connection-refused', nodeId: 'n1', nodeName: 'worker1', data: { reason: 'revoked', address: '192.0.2.1' } },
    ]);
  });

  it('writes the first of a kind from an address, then one a minute; counts all', () => {
    const { clock, refusals, lines, events } = setUp();
    for (let i = 0; i < 500; i++) refusals.note(revoked, { address: '192.0.2.1' });
    expect([events.length, lines.length, refusals.counts().get('revoked')]).toEqual([3, 3, 500]);
    refusals.note({ reason: 'expired', message: 'ended' }, { address: '192.0.2.1' });
    expect(events).toHaveLength(4);
    clock.pass(60_000);
    refusals.note(revoked, { address: '192.0.2.1' });
    expect(events).toHaveLength(5);
  });

  it('bounds what many addresses can make it write', () => {
    const { refusals, events } = setUp();
    for (let i = 0; i < 5000; i++) refusals.note(revoked, { address: `2001:db8::${i.toString(16)}` });
    expect(events.length).toBeLessThanOrEqual(100);
    expect(refusals.counts().get('revoked')).toBe(5000);
  });

  it('logs an event that cannot be written', async () => {
    const { refusals, lines } = setUp(() => Promise.reject(new Error('away')));
    refusals.note(revoked, { address: '192.0.2.1' });
    await vi.waitFor(() => expect(lines.map((line) => line.message)).toContain('a refusal could not be written as an event'));
  });
});
