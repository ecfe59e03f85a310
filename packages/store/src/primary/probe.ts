import type { SeenCopy } from '@muster/core';
import pg from 'pg';
import { clientConfig } from '../connection.ts';
import { placeOf } from './host-urls.ts';
import type { ProbeAnswer } from './choose-primary.ts';

/** A database that takes longer says nothing. */
const answerMs = 2000;

/** How far the write-ahead log of a database goes: what it has on its disk. A standby that has just started has received nothing yet. */
export const positionSql = `case when pg_is_in_recovery() then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
  else pg_current_wal_flush_lsn() end`;

const question = `select pg_is_in_recovery() as standby,
  case when pg_is_in_recovery() then '0' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline,
  (${positionSql} - '0/0'::pg_lsn)::bigint as position,
  coalesce(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() - '0/0'::pg_lsn end, 0)::bigint as replayed`;

/** Asks one database again and again what it is, over one connection for as long as that holds. */
export class Probe {
  readonly #url: string;
  readonly #nowMs: () => number;
  #client: pg.Client | undefined;
  /** One that is being opened, and would be open for good if this is stopped meanwhile. */
  #opening: pg.Client | undefined;
  #isStopped = false;
  #answeredAtMs: number;
  /** Why it says nothing, in the driver's words. */
  #why: unknown;
  #role: SeenCopy['role'] = 'silent';
  #positionBytes: number | null = null;

  constructor(url: string, nowMs: () => number) {
    this.#url = url;
    this.#nowMs = nowMs;
    this.#answeredAtMs = nowMs();
  }

  get why(): unknown {
    return this.#why;
  }

  /** As it was when it was last asked. */
  get seen(): SeenCopy {
    return { place: placeOf(this.#url), role: this.#role, positionBytes: this.#positionBytes };
  }

  /** Asks once. Never rejects, and takes four seconds at most. */
  async ask(): Promise<ProbeAnswer> {
    try {
      const client = (this.#client ??= await this.#connect());
      const { rows } = await client.query<{ standby: boolean; timeline: string; position: number | null; replayed: number }>(question);
      const [row] = rows;
      this.#answeredAtMs = this.#nowMs();
      this.#why = undefined;
      this.#positionBytes = row?.position ?? null;
      this.#role = row?.standby === false ? 'primary' : 'replica';
      if (row?.standby !== false) return { role: 'standby', replayed: row?.replayed ?? 0 };
      return { role: 'primary', timeline: Number.parseInt(row.timeline, 16) };
    } catch (error) {
      this.#why = error;
      this.#role = 'silent';
      this.#drop();
      return { role: 'silent', forMs: this.#nowMs() - this.#answeredAtMs };
    }
  }

  /** Ends its connection, also one that is just being opened. */
  stop(): void {
    this.#isStopped = true;
    if (this.#opening !== undefined) cut(this.#opening);
    this.#drop();
  }

  async #connect(): Promise<pg.Client> {
    const limits = { connectionTimeoutMillis: answerMs, query_timeout: answerMs, statement_timeout: answerMs };
    const client = new pg.Client({ ...clientConfig({ url: this.#url }), ...limits, application_name: 'muster probe' });
    client.on('error', () => undefined);
    this.#opening = client;
    try {
      await client.connect();
      if (this.#isStopped) throw new Error('nobody asks any more');
      return client;
    } catch (error) {
      cut(client);
      throw error;
    } finally {
      this.#opening = undefined;
    }
  }

  #drop(): void {
    if (this.#client !== undefined) cut(this.#client);
    this.#client = undefined;
  }
}

/** Ends a connection without a word: its other end may be gone, and would be waited for. */
export function cut(client: pg.Client | pg.PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  connection.stream.destroy();
}
