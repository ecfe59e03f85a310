import type { ServerResponse } from 'node:http';
import type { Event } from '@muster/api';
import type { Log } from '@muster/core';

/** A watcher that has this much unread is dropped; it comes back with Last-Event-ID and misses nothing. */
const maxUnreadBytes = 1_000_000;
const keepAliveMs = 15_000;
/** Events a returning watcher is given at once; one who missed more is told to read everything anew. */
export const maxReplay = 1000;

type Watcher = { readonly response: ServerResponse; lastId: number };

/** Server-sent events to everyone who watches (WHATWG HTML, 9.2). */
export class EventStream {
  readonly #watchers = new Set<Watcher>();
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => {
      for (const watcher of this.#watchers) this.#write(watcher, ': still here\n\n');
    }, keepAliveMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
  }

  /**
   * Takes a watcher in. New events are held back until what he missed has been read, so that he gets everything once and in
   * order of ids.
   */
  async watch(response: ServerResponse, missed: () => Promise<Event[]>): Promise<void> {
    const watcher: Watcher = { response, lastId: Number.POSITIVE_INFINITY };
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.write('retry: 2000\n\n');
    response.on('close', () => this.#watchers.delete(watcher));
    const waiting: Event[] = [];
    const hold = (event: Event) => waiting.push(event);
    this.#held.add(hold);
    try {
      const events = await missed();
      this.#held.delete(hold);
      watcher.lastId = 0;
      this.#watchers.add(watcher);
      for (const event of [...events, ...waiting]) this.#deliver(watcher, event);
    } finally {
      this.#held.delete(hold);
    }
  }

  readonly #held = new Set<(event: Event) => void>();

  /** Sends an event to all who watch. */
  publish(event: Event): void {
    for (const hold of this.#held) hold(event);
    for (const watcher of this.#watchers) this.#deliver(watcher, event);
  }

  #deliver(watcher: Watcher, event: Event): void {
    if (event.id <= watcher.lastId) return;
    watcher.lastId = event.id;
    this.#write(watcher, `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  #write(watcher: Watcher, text: string): void {
    if (watcher.response.writableLength > maxUnreadBytes) {
      this.#log.info({}, 'a watcher of events reads too slowly and was dropped');
      this.#watchers.delete(watcher);
      watcher.response.destroy();
      return;
    }
    watcher.response.write(text);
  }
}
