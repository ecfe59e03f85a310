import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '@muster/api';
import type { Log } from '@muster/core';
import pg from 'pg';
import { clientConfig } from '../connection.ts';
import { storeError } from '../database-error.ts';
import { cut } from '../primary/probe.ts';
import type { Route } from '../primary/route.ts';
import { eventOfRow } from './events.ts';

export type EventListener = {
  /** No event is delivered once this has resolved. Idempotent. */
  stop(): Promise<void>;
};

const pageSize = 500;
/** How often the connection is tried and the table read even when nothing was announced: a peer that is gone without a word shows by it. */
const checkIntervalMs = 15_000;
const retryMs = { first: 100, longest: 5_000 };

/**
 * Calls back with each event committed from now on, in the order of ids, each once. On a connection of its own; when that is lost it
 * connects again by itself and reads what it missed. Ids become visible in order (see `appendEvents`), so reading on from the
 * last one skips none.
 */
class Listening implements EventListener {
  readonly #route: Route;
  readonly #forget: () => void;
  readonly #onEvent: (event: Event) => void;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #client: pg.Client | undefined;
  #lastId: number | undefined;
  #reading: Promise<void> | undefined;
  #announced = false;
  #running: Promise<void> = Promise.resolve();

  constructor(route: Route, onEvent: (event: Event) => void, log: Log) {
    this.#route = route;
    this.#forget = route.onMoved(() => this.#client !== undefined && cut(this.#client));
    this.#onEvent = onEvent;
    this.#log = log;
  }

  /** Resolves when listening. @throws StoreUnavailable when the first connection fails */
  async start(): Promise<void> {
    const { lost } = await this.#connect();
    this.#running = this.#keep(lost);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#forget();
    await this.#client?.end().catch(() => undefined);
    await this.#running;
  }

  /** `lost` resolves when this connection is over. */
  async #connect(): Promise<{ lost: Promise<void> }> {
    const client = new pg.Client(clientConfig(await this.#route.current()));
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    client.on('error', () => resolve());
    client.on('end', () => resolve());
    client.on('notification', () => void this.#read(client));
    try {
      await client.connect();
      await client.query('listen muster_events');
      if (this.#lastId === undefined) {
        const { rows } = await client.query<{ id: number }>('select coalesce(max(id), 0) as id from events');
        this.#lastId = rows[0]?.id ?? 0;
      }
    } catch (error) {
      void client.end().catch(() => undefined);
      throw storeError(error);
    }
    this.#client = client;
    return { lost };
  }

  async #keep(firstLost: Promise<void>): Promise<void> {
    await this.#watch(firstLost);
    let waitMs = retryMs.first;
    while (!this.#stopping.signal.aborted) {
      const connected = await this.#connect().catch(() => undefined);
      if (this.#stopping.signal.aborted) break;
      if (connected === undefined) {
        await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, retryMs.longest);
      } else {
        waitMs = retryMs.first;
        void this.#read(this.#client);
        await this.#watch(connected.lost);
      }
    }
    await this.#client?.end().catch(() => undefined);
    await this.#reading;
  }

  async #watch(lost: Promise<void>): Promise<void> {
    const check = setInterval(() => void this.#read(this.#client), checkIntervalMs);
    await lost;
    clearInterval(check);
    await this.#reading;
    if (!this.#stopping.signal.aborted) this.#log.warn({}, 'the connection for events was lost; connecting again');
  }

  /** Delivers what is new. One reading at a time; an announcement during it starts another. */
  #read(client: pg.Client | undefined): Promise<void> {
    this.#announced = true;
    this.#reading ??= this.#readAll(client)
      .catch((error: unknown) => {
        this.#log.warn({ error: String(error) }, 'new events could not be read; connecting again');
        return client?.end().catch(() => undefined);
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #readAll(client: pg.Client | undefined): Promise<void> {
    if (client === undefined) return;
    let more = false;
    while ((this.#announced || more) && !this.#stopping.signal.aborted) {
      this.#announced = false;
      const { rows } = await client.query('select * from events where id > $1 order by id limit $2', [this.#lastId, pageSize]);
      for (const row of rows as Parameters<typeof eventOfRow>[0][]) this.#deliver(eventOfRow(row));
      more = rows.length === pageSize;
    }
  }

  #deliver(event: Event): void {
    this.#lastId = event.id;
    if (this.#stopping.signal.aborted) return;
    try {
      this.#onEvent(event);
    } catch (error) {
      this.#log.error({ event: event.id, error: String(error) }, 'a listener failed on an event');
    }
  }
}

/** Starts to listen; see `Listening`. @throws StoreUnavailable when the database cannot be reached now */
export async function listenToEvents(route: Route, onEvent: (event: Event) => void, log: Log): Promise<EventListener> {
  const listening = new Listening(route, onEvent, log);
  await listening.start();
  return listening;
}
