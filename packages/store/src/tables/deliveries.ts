import type { Event } from '@muster/api';
import type { PlannedNotification } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { storableText } from '../json-text.ts';
import { appendEvents, eventOfRow, type EventRow, type NewEvent } from './events.ts';
import type { NotificationTarget } from './notification-targets.ts';

/** When something is told, and how much at once. */
export type DeliveryTimes = {
  /** A mail waits so long for more to come. */
  readonly mailHoldSeconds: number;
  /** Between two mails to one address. */
  readonly mailRestSeconds: number;
};

/** Events of which it is not yet decided who is told; `after` is the last one before them. */
export type FreshEvents = { readonly after: number; readonly events: readonly Event[] };

/** Something to be told now. It is this process's until the lease is over. */
export type ClaimedDelivery = {
  readonly id: string;
  readonly target: NotificationTarget;
  readonly events: readonly Event[];
  readonly missed: number;
  /** This one counted. */
  readonly attempts: number;
  /** How long every attempt on the target has failed; 0 where the last one succeeded. */
  readonly failingForSeconds: number;
};

/** What is due now, and in how long something else will be; null where nothing waits. */
export type Claimed = { readonly deliveries: readonly ClaimedDelivery[]; readonly nextInSeconds: number | null };

/**
 * What is to be told, until it is. Nothing of it is in memory only: whichever server comes next goes on. An id is delivered at least
 * once, and twice where a server dies between the delivery and its record.
 */
export type DeliveryTable = {
  /** The events that follow on the last decision, at most so many. */
  fresh(limit: number): Promise<FreshEvents>;
  /**
   * Writes a decision about the events after `after` up to `upTo`, in one transaction. False when another server has decided about
   * them: then nothing is written.
   */
  decide(after: number, upTo: number, plan: readonly PlannedNotification[], times: DeliveryTimes): Promise<boolean>;
  /** Takes what is due, of each target the oldest, at most so many. */
  claim(limit: number, leaseSeconds: number): Promise<Claimed>;
  /** It was told. */
  delivered(id: string): Promise<void>;
  /** It was not; it is tried again after so long. */
  retry(id: string, error: string, afterSeconds: number): Promise<void>;
  /** The attempt did not take place: another one may begin at once. */
  release(id: string): Promise<void>;
  /** It is dropped for good. The event is written unless the target's failure was made known already. */
  giveUp(id: string, error: string, event: NewEvent): Promise<void>;
  /** Nothing is sent to its target any more, and what waits is dropped; with its event. */
  disable(id: string, error: string, event: NewEvent): Promise<void>;
};

/** Events in one delivery to a webhook; a mail takes them all. */
const mostInWebhook = 100;
/** Events that may wait for one target. What comes then is only counted. */
const mostWaiting = 10_000;

async function fresh(queries: Queries, limit: number): Promise<FreshEvents> {
  const cursor = await queries.selectFrom('notification_cursor').select('last_event_id').executeTakeFirst();
  if (cursor === undefined) {
    // The first time: who subscribes is told from then on.
    await sql`insert into notification_cursor (last_event_id) select coalesce(max(id), 0) from events on conflict do nothing`.execute(
      queries,
    );
    return fresh(queries, limit);
  }
  const after = cursor.last_event_id;
  const rows = await queries.selectFrom('events').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute();
  return { after, events: rows.map(eventOfRow) };
}

type Open = { id: string | null; inOpen: number; waiting: number };

/** What waits for a target: in all, and in the one delivery that has not been tried yet. */
async function openDelivery(queries: Queries, targetId: string): Promise<Open> {
  const { rows } = await sql<Open>`
    select (array_agg(d.id order by d.position desc) filter (where d.attempts = 0))[1] as id,
      coalesce((array_agg(d.events order by d.position desc) filter (where d.attempts = 0))[1], 0)::integer as "inOpen",
      coalesce(sum(d.events), 0)::integer as waiting
    from (
      select d.id, d.position, d.attempts, (select count(*) from delivery_events e where e.delivery_id = d.id) as events
      from deliveries d where d.target_id = ${targetId}
    ) d`.execute(queries);
  return rows[0] ?? { id: null, inOpen: 0, waiting: 0 };
}

async function makeDelivery(queries: Queries, targetId: string, { mailHoldSeconds, mailRestSeconds }: DeliveryTimes): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into deliveries (target_id, next_attempt_at)
    select t.id, case when t.kind = 'email'
      then greatest(now() + make_interval(secs => ${mailHoldSeconds}), t.last_delivered_at + make_interval(secs => ${mailRestSeconds}))
      else now() end
    from notification_targets t where t.id = ${targetId}
    returning id`.execute(queries);
  return rows[0]?.id ?? '';
}

async function addEvents(queries: Queries, deliveryId: string, eventIds: readonly number[]): Promise<void> {
  await sql`
    insert into delivery_events (delivery_id, event_id)
    select ${deliveryId}, unnest(${[...eventIds]}::bigint[]) on conflict do nothing`.execute(queries);
}

async function enqueue(queries: Queries, { targetId, eventIds }: PlannedNotification, times: DeliveryTimes): Promise<void> {
  // Against a claim that begins meanwhile, and against the removal of the target.
  const { rows } = await sql<{ kind: string }>`
    select kind from notification_targets where id = ${targetId} and disabled_at is null for no key update`.execute(queries);
  const [target] = rows;
  if (target === undefined) return;
  const most = target.kind === 'email' ? mostWaiting : mostInWebhook;
  const open = await openDelivery(queries, targetId);
  const taken = eventIds.slice(0, Math.max(0, mostWaiting - open.waiting));
  let { id, inOpen } = open;
  for (let at = 0; at < taken.length;) {
    if (id === null || inOpen >= most) [id, inOpen] = [await makeDelivery(queries, targetId, times), 0];
    const part = taken.slice(at, at + most - inOpen);
    await addEvents(queries, id, part);
    at += part.length;
    inOpen += part.length;
  }
  const missed = eventIds.length - taken.length;
  if (missed === 0) return;
  await sql`
    update deliveries set missed = missed + ${missed}
    where id = (select id from deliveries where target_id = ${targetId} order by position desc limit 1)`.execute(queries);
}

function decide(
  database: Database,
  after: number,
  upTo: number,
  plan: readonly PlannedNotification[],
  times: DeliveryTimes,
): Promise<boolean> {
  return database.transaction(async (queries) => {
    const moved = await queries
      .updateTable('notification_cursor')
      .set({ last_event_id: upTo })
      .where('last_event_id', '=', after)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) return false;
    for (const one of plan.toSorted((a, b) => (a.targetId < b.targetId ? -1 : 1))) await enqueue(queries, one, times);
    return true;
  });
}

type ClaimedRow = {
  id: string;
  attempts: number;
  missed: number;
  targetId: string;
  kind: 'webhook' | 'email';
  name: string;
  address: string;
  sealedSecret: string | null;
  failingForSeconds: number;
};

/** Of each target the oldest delivery, so that a target hears of events in their order. */
const heads = sql`
  select distinct on (d.target_id) d.id, d.next_attempt_at, d.claimed_until
  from deliveries d join notification_targets t on t.id = d.target_id
  where t.disabled_at is null
  order by d.target_id, d.position`;

async function claimRows(queries: Queries, limit: number, leaseSeconds: number): Promise<ClaimedRow[]> {
  // Of two servers that come at once, the second waits for the row, finds it claimed, and passes on.
  const { rows } = await sql<ClaimedRow>`
    with due as (
      select id from (${heads}) as head
      where next_attempt_at <= now() and (claimed_until is null or claimed_until < now()) order by next_attempt_at limit ${limit}
    )
    update deliveries d set attempts = d.attempts + 1, claimed_until = now() + make_interval(secs => ${leaseSeconds})
    from notification_targets t
    where t.id = d.target_id and d.id in (select id from due)
      and d.next_attempt_at <= now() and (d.claimed_until is null or d.claimed_until < now())
    returning d.id, d.attempts, d.missed, t.id as "targetId", t.kind, t.name, t.address, t.sealed_secret as "sealedSecret",
      coalesce(extract(epoch from now() - t.failing_since), 0)::double precision as "failingForSeconds"`.execute(queries);
  return rows;
}

async function claim(queries: Queries, limit: number, leaseSeconds: number): Promise<Claimed> {
  const rows = limit > 0 ? await claimRows(queries, limit, leaseSeconds) : [];
  const ids = rows.map((row) => row.id);
  const events =
    ids.length === 0
      ? []
      : (
          await sql<EventRow & { delivery_id: string }>`
            select d.delivery_id, e.* from delivery_events d join events e on e.id = d.event_id
            where d.delivery_id = any(${ids}::uuid[]) order by e.id`.execute(queries)
        ).rows;
  const next = await sql<{ seconds: number | null }>`
    select min(greatest(0, extract(epoch from greatest(next_attempt_at, claimed_until) - now())))::double precision as seconds
    from (${heads}) as head`.execute(queries);
  const deliveries = rows.map(({ id, attempts, missed, failingForSeconds, targetId, kind, name, address, sealedSecret }) => ({
    id,
    attempts,
    missed,
    failingForSeconds,
    target: { id: targetId, kind, name, address, sealedSecret },
    events: events.filter((event) => event.delivery_id === id).map(eventOfRow),
  }));
  return { deliveries, nextInSeconds: next.rows[0]?.seconds ?? null };
}

async function delivered(queries: Queries, id: string): Promise<void> {
  await sql`
    with done as (delete from deliveries where id = ${id} returning target_id)
    update notification_targets
    set last_delivered_at = now(), failing_since = null, announced_at = null, last_error = null
    where id in (select target_id from done)`.execute(queries);
}

/** Notes on the target that an attempt failed. Returns whether nobody was told of that yet. */
async function noteFailure(queries: Queries, id: string, error: string): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`
    update notification_targets set failing_since = coalesce(failing_since, now()), last_error = ${storableText(error)}
    where id = (select target_id from deliveries where id = ${id}) returning announced_at is null as "isNew"`.execute(queries);
  return rows[0]?.isNew ?? false;
}

function retry(database: Database, id: string, error: string, afterSeconds: number): Promise<void> {
  return database.transaction(async (queries) => {
    await noteFailure(queries, id, error);
    await sql`
      update deliveries set claimed_until = null, next_attempt_at = now() + make_interval(secs => ${afterSeconds})
      where id = ${id}`.execute(queries);
  });
}

function giveUp(database: Database, id: string, error: string, event: NewEvent): Promise<void> {
  return database.transaction(async (queries) => {
    const isNew = await noteFailure(queries, id, error);
    await sql`
      with dropped as (delete from deliveries where id = ${id} returning target_id)
      update notification_targets set announced_at = coalesce(announced_at, now()) where id in (select target_id from dropped)`.execute(
      queries,
    );
    if (isNew) await appendEvents(queries, [event]);
  });
}

function disable(database: Database, id: string, error: string, event: NewEvent): Promise<void> {
  return database.transaction(async (queries) => {
    await noteFailure(queries, id, error);
    const { rows } = await sql<{ id: string }>`
      update notification_targets set disabled_at = now()
      where id = (select target_id from deliveries where id = ${id}) and disabled_at is null returning id`.execute(queries);
    const [target] = rows;
    if (target === undefined) return;
    await sql`delete from deliveries where target_id = ${target.id}`.execute(queries);
    await appendEvents(queries, [event]);
  });
}

export function deliveryTable(database: Database): DeliveryTable {
  return {
    fresh: (limit) => database.run((queries) => fresh(queries, limit)),
    decide: (after, upTo, plan, times) => decide(database, after, upTo, plan, times),
    claim: (limit, leaseSeconds) => database.transaction((queries) => claim(queries, limit, leaseSeconds)),
    delivered: (id) => database.run((queries) => delivered(queries, id)),
    retry: (id, error, afterSeconds) => retry(database, id, error, afterSeconds),
    release: (id) =>
      database.run(async (queries) => {
        await sql`update deliveries set claimed_until = null, attempts = greatest(attempts - 1, 0) where id = ${id}`.execute(queries);
      }),
    giveUp: (id, error, event) => giveUp(database, id, error, event),
    disable: (id, error, event) => disable(database, id, error, event),
  };
}
