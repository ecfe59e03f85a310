import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Event } from '@muster/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventReader, waiting } from '../../test/event-reader.ts';
import { keptLog } from '../../test/kept-log.ts';
import { EventStream, replayPage, type Visitor } from './event-stream.ts';

const eventOf = (id: number, message = `event ${id}`): Event => ({
  id,
  at: '2026-01-01T00:00:00Z',
  kind: 'node-changed',
  severity: 'info',
  nodeId: null,
  nodeName: null,
  message,
  data: {},
});
const upTo = (last: number): Event[] => Array.from({ length: last }, (_, at) => eventOf(at + 1));

const opened: { stream: EventStream; server: Server }[] = [];
afterEach(async () => {
  for (const { stream, server } of opened.splice(0)) {
    stream.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A stream behind a real HTTP server, whose visitors are as the test says. */
async function openStream(visitor: Partial<Visitor>, times = { keepAliveMs: 20, recheckMs: 20 }) {
  const { log, lines } = keptLog();
  const stream = new EventStream(log, times);
  const failures: unknown[] = [];
  const server = createServer((_request, response) => {
    const usual: Visitor = { lastSeenId: undefined, pages: async () => [], mayStay: async () => true, open: () => response };
    stream.watch({ ...usual, ...visitor }).catch((error: unknown) => {
      failures.push(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({ stream, server });
  stream.start();
  const place = { port: (server.address() as AddressInfo).port };
  return { stream, place, lines, failures, open: () => EventReader.open(place) };
}

describe('the stream of events', () => {
  it('gives new events as they come, and a sign of life between them', async () => {
    const { stream, open } = await openStream({});
    const reader = await open();
    await vi.waitFor(() => expect(reader.text).toContain(': still here'), waiting);
    stream.publish(eventOf(7));
    await reader.until((event) => event.id === 7);
    expect(reader.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    expect(reader.text).toMatch(/^retry: 2000\n\n/u);
  });

  it('gives everything that was missed, page by page, and what came meanwhile, each once and in order', async () => {
    const stored = upTo(replayPage * 3 + 5);
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    let reads = 0;
    const pages = async (after: number) => {
      reads += 1;
      if (reads === 3) await mayGoOn;
      return stored.filter((event) => event.id > after).slice(0, replayPage);
    };
    const { stream, open } = await openStream({ lastSeenId: 2, pages });
    const reader = await open();
    await vi.waitFor(() => expect(reads).toBe(3), waiting);
    for (let i = 0; i < 10; i++) {
      const event = eventOf(stored.length + 1);
      stored.push(event);
      stream.publish(event);
    }
    goOn();
    await reader.until((event) => event.id === stored.length);
    stream.publish(eventOf(stored.length + 1));
    await reader.until((event) => event.id === stored.length + 1);
    expect(reader.ids).toEqual(Array.from({ length: stored.length - 1 }, (_, at) => at + 3));
  });

  it('sends nothing before the first page is read, so that a failure can still be said', async () => {
    const { open, failures } = await openStream({ lastSeenId: 1, pages: () => Promise.reject(new Error('away')) });
    await expect(open()).rejects.toThrow(/socket hang up/u);
    expect(failures).toMatchObject([{ message: 'away' }]);
  });

  it('breaks off when a later page cannot be read', async () => {
    const pages = async (after: number) => (after > 0 ? Promise.reject(new Error('away')) : upTo(replayPage));
    const { open } = await openStream({ lastSeenId: 0, pages });
    const reader = await open();
    await reader.untilEnded();
    expect(reader.ids.length).toBeLessThanOrEqual(replayPage);
  });

  it('ends for whoever may not stay, and goes on while nobody can say', async () => {
    let mayStay: () => Promise<boolean> = () => Promise.reject(new Error('away'));
    const { stream, open } = await openStream({ mayStay: () => mayStay() });
    const reader = await open();
    await vi.waitFor(() => expect(reader.text.match(/still here/gu)?.length ?? 0).toBeGreaterThan(2), waiting);
    expect(reader.ended).toBe(false);
    mayStay = async () => false;
    await reader.untilEnded();
    stream.publish(eventOf(1));
    expect(reader.events).toEqual([]);
  });

  it('drops a reader that does not read, and no other', async () => {
    const { stream, open, lines } = await openStream({});
    const [good, slow] = [await open(), await open()];
    slow.response.pause();
    for (let id = 1; id <= 60; id++) {
      stream.publish(eventOf(id, 'x'.repeat(400_000)));
      await vi.waitFor(() => expect(good.events.length).toBe(id), { timeout: 5000, interval: 1 });
    }
    expect(lines.filter((line) => line.message.includes('too slowly'))).toHaveLength(1);
    slow.response.resume();
    await slow.untilEnded();
    expect(slow.events.length).toBeLessThan(60);
    expect(good.ended).toBe(false);
  });

  it('ends everyone when it stops', async () => {
    const { stream, open } = await openStream({});
    const reader = await open();
    stream.stop();
    await reader.untilEnded();
  });
});
