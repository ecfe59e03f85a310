import pg from 'pg';
import { clientConfig } from '../connection.ts';
import type { ProbeAnswer } from './choose-primary.ts';

/** A database that takes longer says nothing. */
const answerMs = 2000;

const question = `select pg_is_in_recovery() as standby,
  case when pg_is_in_recovery() then '0' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline,
  coalesce(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() - '0/0'::pg_lsn end, 0)::float8 as replayed`;

/** Asks one database again and again what it is, over one connection for as long as that holds. */
export class Probe {
  readonly #url: string;
  readonly #nowMs: () => number;
  #client: pg.Client | undefined;
  #answeredAtMs: number;
  /** Why it says nothing, in the driver's words. */
  #why: unknown;

  constructor(url: string, nowMs: () => number) {
    this.#url = url;
    this.#nowMs = nowMs;
    this.#answeredAtMs = nowMs();
  }

  get why(): unknown {
    return this.#why;
  }

  /** Asks once. Never rejects, and takes four seconds at most. */
  async ask(): Promise<ProbeAnswer> {
    try {
      const client = (this.#client ??= await this.#connect());
      const { rows } = await client.query<{ standby: boolean; timeline: string; replayed: number }>(question);
      const [row] = rows;
      this.#answeredAtMs = this.#nowMs();
      this.#why = undefined;
      if (row?.standby !== false) return { role: 'standby', replayed: row?.replayed ?? 0 };
      return { role: 'primary', timeline: Number.parseInt(row.timeline, 16) };
    } catch (error) {
      this.#why = error;
      this.#drop();
      return { role: 'silent', forMs: this.#nowMs() - this.#answeredAtMs };
    }
  }

  stop(): void {
    this.#drop();
  }

  async #connect(): Promise<pg.Client> {
    const limits = { connectionTimeoutMillis: answerMs, query_timeout: answerMs, statement_timeout: answerMs };
    const client = new pg.Client({ ...clientConfig({ url: this.#url }), ...limits, application_name: 'muster probe' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      cut(client);
      throw error;
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
