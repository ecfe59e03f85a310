import type { ServerResponse } from 'node:http';
import type { Event } from '@muster/api';
import type { Log } from '@muster/core';
import { drained } from './drained.ts';

/** A watcher that has this much unread is dropped; it comes back with Last-Event-ID and misses nothing. */
const maxUnreadBytes = 1_000_000;
/** How many events a returning watcher is given before the stream looks whether he reads them. */
export const replayPage = 500;

const usualTimes = { keepAliveMs: 15_000, recheckMs: 60_000 };

/** Someone who wants to watch. */
export type Visitor = {
  /** The id of the last event he has seen; undefined for one who wants those from now on. */
  readonly lastSeenId: number | undefined;
  /** The page of events that follows on an id. */
  readonly pages: (after: number) => Promise<Event[]>;
  /** Whether he may go on watching; asked once a minute. An error is no answer. */
  readonly mayStay: () => Promise<boolean>;
  /** Opens the answer to him, once the first page is there. */
  readonly open: () => ServerResponse;
};

type Watcher = { readonly response: ServerResponse; readonly mayStay: () => Promise<boolean>; lastId: number };

/** Server-sent events to everyone who watches (WHATWG HTML, 9.2). */
export class EventStream {
  readonly #log: Log;
  readonly #times: typeof usualTimes;
  readonly #watchers = new Set<Watcher>();
  /** Events that came while a watcher was still being given what he missed, for each such watcher. */
  readonly #held = new Set<Event[]>();
  readonly #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  constructor(log: Log, times: typeof usualTimes = usualTimes) {
    this.#log = log;
    this.#times = times;
  }

  start(): void {
    const { keepAliveMs, recheckMs } = this.#times;
    this.#timers.push(
      setInterval(() => this.#keepAlive(), keepAliveMs),
      setInterval(() => this.recheck(), recheckMs),
    );
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
  }

  /**
   * Takes a watcher in, and gives him what he missed, a page at a time. New events are held back meanwhile, so that he gets
   * everything once and in order of ids.
   * @throws the error of reading the first page: nothing was sent yet
   */
  async watch({ lastSeenId, pages, mayStay, open }: Visitor): Promise<void> {
    const held: Event[] = [];
    this.#held.add(held);
    try {
      const first = lastSeenId === undefined ? [] : await pages(lastSeenId);
      const response = open();
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      response.write('retry: 2000\n\n');
      const watcher: Watcher = { response, mayStay, lastId: lastSeenId ?? 0 };
      response.on('close', () => this.#watchers.delete(watcher));
      await this.#replay(watcher, first, pages, held);
      if (this.#stopped) response.end();
      if (response.destroyed || response.writableEnded) return;
      for (const event of held) this.#deliver(watcher, event);
      this.#watchers.add(watcher);
    } finally {
      this.#held.delete(held);
    }
  }

  /** Sends an event to all who watch. */
  publish(event: Event): void {
    for (const held of this.#held) held.push(event);
    for (const watcher of this.#watchers) this.#deliver(watcher, event);
  }

  /** Looks now who may still watch: somebody's session or key may have ended. */
  recheck(): void {
    void this.#recheck();
  }

  async #replay(watcher: Watcher, first: readonly Event[], pages: Visitor['pages'], held: Event[]): Promise<void> {
    const { response } = watcher;
    try {
      for (let page = first; ; page = await pages(watcher.lastId)) {
        for (const event of page) this.#deliver(watcher, event);
        if (page.length < replayPage || this.#stopped) return;
        await drained(response);
        if (response.destroyed) return;
        // What was announced until now was committed before, so the next page has it.
        held.length = 0;
      }
    } catch (error) {
      this.#log.info({ error: String(error) }, 'missed events could not be read; the watcher comes back');
      response.destroy();
    }
  }

  #keepAlive(): void {
    for (const watcher of this.#watchers) this.#write(watcher, ': still here\n\n');
  }

  /** A session that ended must not go on watching for as long as the connection lasts. */
  async #recheck(): Promise<void> {
    for (const watcher of [...this.#watchers]) {
      const mayStay = await watcher.mayStay().catch(() => true);
      if (mayStay || !this.#watchers.delete(watcher)) continue;
      watcher.response.end();
    }
  }

  #deliver(watcher: Watcher, event: Event): void {
    if (event.id <= watcher.lastId) return;
    watcher.lastId = event.id;
    this.#write(watcher, `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  #write(watcher: Watcher, text: string): void {
    const { response } = watcher;
    if (response.destroyed) return;
    if (response.writableLength <= maxUnreadBytes) return void response.write(text);
    this.#log.info({}, 'a watcher of events reads too slowly and was dropped');
    this.#watchers.delete(watcher);
    response.destroy();
  }
}
