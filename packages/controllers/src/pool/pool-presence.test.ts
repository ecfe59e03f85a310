import { FakeClock, KeptLog } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { PoolPresence } from './pool-presence.ts';

function presenceOf({ others = true }: { others?: boolean } = {}) {
  const clock = new FakeClock();
  const own = new Map<string, number>();
  const written = new Map<string, number | null>();
  let reads = 0;
  const lastSeen = async () => {
    reads += 1;
    return [...written].map(([nodeId, heartbeatAgeMs]) => ({ nodeId, heartbeatAgeMs, connected: true, serverId: 'b' }));
  };
  const port = { sinceHeardMs: (nodeId: string) => own.get(nodeId) ?? null };
  clock.pass(1_000_000);
  const presence = new PoolPresence({ own: port, store: { presence: { lastSeen } }, others: () => others, clock, log: new KeptLog() });
  return { clock, own, written, presence, reads: () => reads };
}

describe('since when a node is silent', () => {
  it('is what this server heard where it is alone, also from before, and the store is not asked', async () => {
    const { own, presence, reads } = presenceOf({ others: false });
    own.set('n', 50_000);
    await presence.read();
    expect([presence.sinceHeardMs('n'), presence.sinceHeardMs('m'), reads()]).toEqual([50_000, null, 0]);
  });

  it('is what another heard where that is later, and it grows until it is read again', async () => {
    const { clock, own, written, presence } = presenceOf();
    clock.pass(60_000);
    own.set('n', 40_000);
    written.set('n', 3000);
    written.set('only there', 5000);
    written.set('never', null);
    await presence.read();
    clock.pass(1500);
    expect(['n', 'only there', 'never'].map((node) => presence.sinceHeardMs(node))).toEqual([4500, 6500, null]);
  });

  it('is not known from before it began to look: the database may have been away, and a node gone to another server', async () => {
    const { clock, own, written, presence } = presenceOf();
    clock.pass(2000);
    own.set('moved away long ago', 40_000);
    own.set('heard here since', 1000);
    written.set('moved away long ago', 30_000);
    await presence.read();
    expect(presence.sinceHeardMs('moved away long ago')).toBeNull();
    expect(presence.sinceHeardMs('heard here since')).toBe(1000);
    written.set('moved away long ago', 500);
    await presence.read();
    expect(presence.sinceHeardMs('moved away long ago')).toBe(500);
  });
});
