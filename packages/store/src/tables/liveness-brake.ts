import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { ageMs } from './age.ts';
import { appendEvents, type NewEvent } from './events.ts';

/** The brake of the liveness monitor, the same for all servers. */
export type LivenessBrake = {
  /** Since when it is on; null while it is off. */
  readonly onSince: string | null;
  /** When it was last let go; null when it never was on. Only to tell whether it is another moment than before. */
  readonly offSince: string | null;
  /** Milliseconds since then, by the database's clock. */
  readonly offForMs: number | null;
  readonly message: string;
  readonly unheard: number;
  readonly watched: number;
};

/** What is said while it is on. */
export type BrakeReason = Pick<LivenessBrake, 'message' | 'unheard' | 'watched'>;

export type LivenessBrakeTable = {
  read(): Promise<LivenessBrake>;
  /** Puts it on, with the event; while it is on only the reason is written anew. Returns whether it was off. */
  hold(reason: BrakeReason, event: NewEvent): Promise<boolean>;
  /** Lets it go, with the event: restarts that were under way are forgotten, so that every clock begins anew. Returns whether it was on. */
  release(event: NewEvent): Promise<boolean>;
};

async function read(queries: Queries): Promise<LivenessBrake> {
  const { rows } = await sql<LivenessBrake>`
    select on_since as "onSince", off_since as "offSince", ${ageMs('off_since')} as "offForMs", message, unheard, watched from liveness_brake`.execute(
    queries,
  );
  return rows[0] ?? { onSince: null, offSince: null, offForMs: null, message: '', unheard: 0, watched: 0 };
}

function hold(database: Database, { message, unheard, watched }: BrakeReason, event: NewEvent): Promise<boolean> {
  return database.transaction(async (queries) => {
    await sql`insert into liveness_brake default values on conflict do nothing`.execute(queries);
    const before = await queries.selectFrom('liveness_brake').select('on_since').forUpdate().executeTakeFirst();
    await queries
      .updateTable('liveness_brake')
      .set({ message, unheard, watched, on_since: sql<string>`coalesce(on_since, now())` })
      .execute();
    const wasOff = before?.on_since === null;
    if (wasOff) await appendEvents(queries, [event]);
    return wasOff;
  });
}

function release(database: Database, event: NewEvent): Promise<boolean> {
  return database.transaction(async (queries) => {
    const { numUpdatedRows } = await queries
      .updateTable('liveness_brake')
      .set({ on_since: null, off_since: sql<string>`now()`, message: '', unheard: 0 })
      .where('on_since', 'is not', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await sql`
      with locked as (select node_id from node_agent where state = 'restarting' order by node_id for no key update)
      update node_agent a set state = 'normal', message = '', attempts = 0, next_try_at = null, since = now()
      from locked where a.node_id = locked.node_id`.execute(queries);
    await appendEvents(queries, [event]);
    return true;
  });
}

export function livenessBrakeTable(database: Database): LivenessBrakeTable {
  return {
    read: () => database.run(read),
    hold: (reason, event) => hold(database, reason, event),
    release: (event) => release(database, event),
  };
}
