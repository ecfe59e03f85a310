import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { newEvent, query, silentLog } from '../../test/builders.ts';
import { twoDatabases } from '@muster/testkit';
import { StoreUnavailable } from '../errors.ts';
import { Reading } from '../reading.ts';
import { connectionNow } from './route.ts';
import { openStore, type Store } from '../store.ts';

const opened: Store[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

/** A store on two real databases, of which the second replicates the first. */
async function onTwo() {
  const both = await twoDatabases();
  onTestFinished(() => both.stop());
  const url = `postgresql://muster@${both.first.url.slice(20).replace('/muster', '')},${both.second.url.slice(20).replace('/muster', '')}/muster`;
  const store = await openStore({ connection: { url }, log: silentLog });
  opened.push(store);
  const write = (message: string) => store.events.append(newEvent(message));
  const written = async (message: string) => {
    await vi.waitFor(() => write(message), { timeout: 30_000, interval: 200 });
  };
  /** The standby has all that the primary has acknowledged. */
  const level = () =>
    vi.waitFor(
      async () => {
        const [row] = await query(
          { url: both.first.url },
          'select count(*)::int as behind from pg_stat_replication where replay_lsn < pg_current_wal_lsn()',
        );
        const [there] = await query({ url: both.first.url }, 'select count(*)::int as standbys from pg_stat_replication');
        expect([row?.['behind'], there?.['standbys']]).toEqual([0, 1]);
      },
      { timeout: 30_000, interval: 100 },
    );
  const messagesOn = async (database: { url: string }) =>
    (await query({ url: database.url }, "select message from events where message like 'w%' order by id")).map((row) => row['message']);
  return { ...both, store, url, write, written, level, messagesOn };
}

describe('a store on several databases', { timeout: 120_000 }, () => {
  it('writes to the one that takes writes, and goes on on the other after a promotion', async () => {
    const { first, second, write, written, level, messagesOn } = await onTwo();
    await write('w1');
    await level();
    await first.signal('SIGKILL');
    await second.promote();
    await written('w2');
    expect(await messagesOn(second)).toEqual(['w1', 'w2']);
  });

  it('leaves a primary that hangs, fails what waits there, and does not come back to it when it wakes up', async () => {
    const { first, second, store, write, written, level, messagesOn } = await onTwo();
    const heard: string[] = [];
    await store.events.listen(({ message }) => heard.push(message));
    await write('w1');
    await level();
    await first.signal('SIGSTOP');
    const waiting = write('lost or not').catch((error: unknown) => error);
    await second.promote();
    expect(await waiting).toBeInstanceOf(StoreUnavailable);
    await written('w2');
    await first.signal('SIGCONT');
    await written('w3');
    expect(await messagesOn(second)).toEqual(['w1', 'w2', 'w3']);
    await vi.waitFor(() => expect(heard.filter((one) => one.startsWith('w'))).toEqual(['w1', 'w2', 'w3']), { timeout: 30_000 });
  });

  it('sees both, who copies which and how far, also when the primary is gone, with the last position it had', async () => {
    const { first, second, store, write, level } = await onTwo();
    await write('w1');
    await level();
    const places = [first, second].map(({ url }) => url.replace('postgresql://muster@', '').replace('/muster', ''));
    const replica = { isStreaming: true, isSynchronous: false, lagBytes: expect.any(Number) as number };
    await expect
      .poll(() => store.sight(), { timeout: 30_000 })
      .toMatchObject({
        copies: [
          { place: places[0], role: 'primary', positionBytes: expect.any(Number) as number },
          { place: places[1], role: 'replica', positionBytes: expect.any(Number) as number },
        ],
        replicas: [replica],
      });
    const { lastPrimaryBytes } = await store.sight();
    await first.signal('SIGSTOP');
    await expect.poll(async () => (await store.sight()).copies.map(({ role }) => role), { timeout: 60_000 }).toEqual(['silent', 'replica']);
    const after = await store.sight();
    expect(after.replicas).toBeNull();
    expect(after.lastPrimaryBytes ?? 0).toBeGreaterThanOrEqual(lastPrimaryBytes ?? 0);
    expect(after.copies[1]?.positionBytes ?? 0).toBeGreaterThanOrEqual(lastPrimaryBytes ?? 0);
  });

  it('says which databases it asked when none takes writes', async () => {
    const { first, store, write } = await onTwo();
    await write('w1');
    await first.signal('SIGSTOP');
    const said = await vi.waitFor(
      async () => {
        const error = await store.ready().catch((caught: unknown) => caught);
        expect(String(error)).toContain('None of the databases');
        return error;
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(said).toBeInstanceOf(StoreUnavailable);
    expect(String(said)).toMatch(/databases 127\.\d+\.\d+\.\d+:5432, 127\.\d+\.\d+\.\d+:5432 takes writes now/u);
  });

  it('goes on reading from the copy while none takes writes, says how old that may be, and changes nothing there', async () => {
    const { first, second, store, write, written, level } = await onTwo();
    const read = async () => {
      const reading = new Reading();
      const items = await store.reading(reading, () => store.events.list({ limit: 10 }));
      return { messages: items.map(({ message }) => message).filter((one) => one.startsWith('w')), ageMs: reading.ageMs };
    };
    await write('w1');
    expect(await read()).toEqual({ messages: ['w1'], ageMs: undefined });
    await level();
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      await first.signal(signal);
      const seen = await read();
      expect(seen.messages).toEqual(['w1']);
      expect(seen.ageMs).toBeGreaterThan(0);
    }
    await expect(store.reading(new Reading(), () => write('by mistake'))).rejects.toThrow(StoreUnavailable);
    await second.promote();
    await written('w2');
    await vi.waitFor(async () => expect(await read()).toEqual({ messages: ['w2', 'w1'], ageMs: undefined }), { timeout: 30_000 });
  });

  it('leaves no connection behind when it was only asked for the primary, which it may know before all have answered', async () => {
    const { first, second, store, url } = await onTwo();
    await store.close();
    const probes = async () => {
      const counts = [first, second].map(({ sql }) =>
        sql("select count(*)::int as count from pg_stat_activity where application_name = 'muster probe'"),
      );
      return (await Promise.all(counts)).map(([row]) => row?.['count']);
    };
    for (let times = 0; times < 5; times += 1) await connectionNow({ url }, silentLog);
    await vi.waitFor(async () => expect(await probes()).toEqual([0, 0]), { timeout: 30_000, interval: 200 });
  });
});
