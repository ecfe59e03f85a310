import type { Member, MemberCertificate } from '@muster/api';
import { poolTimes } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { MemberNotFound, MemberStillThere, MemberSuperseded } from '../errors.ts';
import { ageMs } from './age.ts';
import { appendEvents, type NewEvent } from './events.ts';

/** What a server says of itself. */
export type MemberSign = {
  readonly id: string;
  /** Of its process, a UUID. */
  readonly run: string;
  readonly name: string;
  readonly zone: string;
  readonly version: string;
  readonly agentAddresses: readonly string[];
  readonly panelUrl: string;
  /** Agents that are connected to it. */
  readonly agents: number;
  /** Its wall clock, milliseconds since 1970. */
  readonly wallMs: number;
  readonly certificates: readonly MemberCertificate[];
};

/** The servers of the pool. */
export type MemberTable = {
  /**
   * The first sign of a process, which takes the server's place in the pool. `taken`, and nothing is done, while another process with the same id
   * gives signs: none counts as one after three seconds without.
   */
  enter(sign: MemberSign): Promise<'joined' | 'returned' | 'there' | 'taken'>;
  /**
   * A sign of life, at the database's time; joins the pool at the first. Tells by an event when it was not there before, or was held to be gone,
   * and returns that. @throws MemberSuperseded when another process has taken the place
   */
  sign(sign: MemberSign): Promise<'joined' | 'returned' | 'there'>;
  /** All of them by name. */
  list(): Promise<Member[]>;
  /**
   * Holds those members to be gone that are not heard for longer than `silentSeconds`, and gives up what only they know: their agents count as
   * not connected, and tasks that they did themselves end as unknown. Idempotent. Returns those that were there before.
   */
  markLost(ids: readonly string[], silentSeconds: number): Promise<string[]>;
  /** A server stops in good order: the others need not find out. Nothing when another process of it is there by now. */
  leave(id: string, run: string): Promise<void>;
  /** Its agents are to be on others, or may be here again. @throws MemberNotFound */
  setState(id: string, state: Member['state'], by: string): Promise<Member>;
  /** Forgets one that is gone. @throws MemberNotFound, MemberStillThere */
  remove(id: string, by: string): Promise<void>;
};

const columns = sql`
  id, name, zone, version, agent_addresses as "agentAddresses", panel_url as "panelUrl", agents, clock_skew_ms as "clockSkewMs", certificates, state,
  joined_at as "joinedAt", started_at as "startedAt", lost_at as "lostAt", ${ageMs('heard_at')} as "heardAgeMs"`;

const eventOf = (kind: NewEvent['kind'], severity: NewEvent['severity'], id: string, message: string): NewEvent => ({
  kind,
  severity,
  nodeId: null,
  nodeName: null,
  message,
  data: { serverId: id },
});

type Before = { readonly lost: boolean; readonly isOther: boolean; readonly isHeard: boolean };

/** The row as it was, locked until the transaction ends. */
async function lockedRow(queries: Queries, { id, run }: MemberSign): Promise<Before | undefined> {
  // A row that is not there yet cannot be locked.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`muster member ${id}`}, 0))`.execute(queries);
  const { rows } = await sql<Before>`
    select lost_at is not null as lost, run <> ${run}::uuid as "isOther",
      lost_at is null and heard_at > clock_timestamp() - make_interval(secs => ${poolTimes.orphan}) as "isHeard"
    from members where id = ${id} for update`.execute(queries);
  return rows[0];
}

async function write(
  queries: Queries,
  one: MemberSign,
  { before, schema }: { before: Before | undefined; schema: number },
): Promise<'joined' | 'returned' | 'there'> {
  await sql`
    insert into members (id, run, name, zone, version, schema_version, agent_addresses, panel_url, agents, certificates, clock_skew_ms)
    values (${one.id}, ${one.run}, ${one.name}, ${one.zone}, ${one.version}, ${schema}, ${[...one.agentAddresses]}::text[], ${one.panelUrl}, ${one.agents},
      ${JSON.stringify(one.certificates)}::jsonb,
      ${one.wallMs} - 1000 * extract(epoch from clock_timestamp())::double precision)
    on conflict (id) do update set run = excluded.run, name = excluded.name, zone = excluded.zone, version = excluded.version,
      schema_version = excluded.schema_version,
      agent_addresses = excluded.agent_addresses, panel_url = excluded.panel_url, agents = excluded.agents,
      certificates = excluded.certificates, clock_skew_ms = excluded.clock_skew_ms, heard_at = now(), lost_at = null,
      started_at = case when members.run = excluded.run then members.started_at else now() end`.execute(queries);
  if (before === undefined) await appendEvents(queries, [eventOf('member-joined', 'info', one.id, `${one.name} joined the pool.`)]);
  else if (before.lost) await appendEvents(queries, [eventOf('member-returned', 'info', one.id, `${one.name} is back in the pool.`)]);
  return before === undefined ? 'joined' : before.lost ? 'returned' : 'there';
}

function enter(database: Database, one: MemberSign, schema: number): ReturnType<MemberTable['enter']> {
  return database.transaction(async (queries) => {
    const before = await lockedRow(queries, one);
    if (before?.isOther === true && before.isHeard) return 'taken';
    return write(queries, one, { before, schema });
  });
}

function sign(database: Database, one: MemberSign, schema: number): ReturnType<MemberTable['sign']> {
  return database.transaction(async (queries) => {
    const before = await lockedRow(queries, one);
    if (before?.isOther === true)
      throw new MemberSuperseded(
        `Another process works as this server (id ${one.id}) and has taken its place in the pool. Was the data folder copied? Then remove the file server-id from the copy, so that its server gets an id of its own.`,
      );
    return write(queries, one, { before, schema });
  });
}

async function listMembers(queries: Queries): Promise<Member[]> {
  const { rows } = await sql<Member>`select ${columns} from members order by name, id`.execute(queries);
  return rows;
}

function markLost(database: Database, ids: readonly string[], silentSeconds: number): Promise<string[]> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<{ id: string; name: string }>`
      update members set lost_at = now(), agents = 0
      where id = any (${[...ids]}::text[]) and lost_at is null and heard_at < now() - make_interval(secs => ${silentSeconds})
      returning id, name`.execute(queries);
    if (rows.length === 0) return [];
    const lost = rows.map(({ id }) => id);
    await sql`
      with theirs as (select node_id from node_presence where server_id = any (${lost}::text[]) and connected order by node_id for no key update)
      update node_presence p set connected = false from theirs where p.node_id = theirs.node_id`.execute(queries);
    await sql`
      update tasks set lost_at = now() where server_id = any (${lost}::text[]) and state = 'running' and done_by = 'server'`.execute(
      queries,
    );
    const told = rows.map(({ id, name }) =>
      eventOf('member-lost', 'warning', id, `${name} is not heard any more. The others carry its nodes and do its work.`),
    );
    await appendEvents(queries, told);
    return lost;
  });
}

async function get(queries: Queries, id: string): Promise<Member> {
  const { rows } = await sql<Member>`select ${columns} from members where id = ${id}`.execute(queries);
  const [row] = rows;
  if (row === undefined) throw new MemberNotFound();
  return row;
}

/** `schema`: the newest that this Muster knows; others look at it before they take away what older ones need. */
export function memberTable(database: Database, schema: number): MemberTable {
  return {
    enter: (one) => enter(database, one, schema),
    sign: (one) => sign(database, one, schema),
    list: () => database.run(listMembers),
    markLost: (ids, silentSeconds) => (ids.length === 0 ? Promise.resolve([]) : markLost(database, ids, silentSeconds)),
    leave: (id, run) =>
      database.transaction(async (queries) => {
        const { rows } = await sql<{ name: string }>`
          update members set lost_at = now(), agents = 0 where id = ${id} and run = ${run}::uuid and lost_at is null returning name`.execute(
          queries,
        );
        for (const { name } of rows) await appendEvents(queries, [eventOf('member-left', 'info', id, `${name} stops.`)]);
      }),
    setState: (id, state, by) =>
      database.transaction(async (queries) => {
        const before = await get(queries, id);
        if (before.state === state) return before;
        await sql`update members set state = ${state} where id = ${id}`.execute(queries);
        const message =
          state === 'draining' ? `${before.name} gives its nodes to others (${by}).` : `${before.name} takes nodes again (${by}).`;
        await appendEvents(queries, [eventOf(state === 'draining' ? 'member-draining' : 'member-active', 'info', id, message)]);
        return get(queries, id);
      }),
    remove: (id, by) =>
      database.transaction(async (queries) => {
        const { name, lostAt } = await get(queries, id);
        if (lostAt === null) throw new MemberStillThere(name);
        await sql`delete from members where id = ${id}`.execute(queries);
        await appendEvents(queries, [eventOf('member-removed', 'info', id, `${name} was taken out of the pool (${by}).`)]);
      }),
  };
}
