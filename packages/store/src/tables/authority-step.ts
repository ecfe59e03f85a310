import type { RotationPhase } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { StoreRefused } from '../errors.ts';
import { type AuthorityState, insertAuthority, type NewStoredAuthority, readAuthorities } from './authority-rows.ts';
import { type AuthorityServer, type NodeRoots, readServers, readStandings } from './authority-standings.ts';
import { appendEvents, type NewEvent } from './events.ts';

/** What a step is decided from. */
export type AuthorityPicture = {
  readonly state: AuthorityState;
  readonly nodes: readonly NodeRoots[];
  readonly servers: readonly AuthorityServer[];
};

/** A step of a replacement that is to be kept, with the sentence that tells of it. */
export type AuthorityChange = { readonly message: string; readonly by: string } & (
  | { readonly kind: 'begin'; readonly authority: NewStoredAuthority }
  | { readonly kind: 'phase'; readonly phase: RotationPhase }
  | { readonly kind: 'end'; readonly keep: number; readonly drop: number }
);

export type AuthorityStepping = (picture: AuthorityPicture) => Promise<AuthorityChange>;

async function begin(queries: Queries, state: AuthorityState, by: string, authority: NewStoredAuthority): Promise<void> {
  const from = state.authorities[0]?.generation ?? 1;
  const { rows } = await sql<{ next: number }>`select max(generation) + 1 as next from authorities`.execute(queries);
  const to = rows[0]?.next ?? from + 1;
  await insertAuthority(queries, to, authority);
  await sql`
    insert into authority_rotation (phase, from_generation, to_generation, started_by) values ('prepare', ${from}, ${to}, ${by})`.execute(
    queries,
  );
}

/** Its keys are gone for good, and what it signed ends with it. */
async function drop(queries: Queries, generation: number): Promise<void> {
  await sql`delete from authority_rotation`.execute(queries);
  await sql`
    update authorities set retired_at = now(), root_key = null, intermediate_key = null where generation = ${generation}`.execute(queries);
  await sql`
    update nodes set registered_at = null where certificate_serial in (
      select serial from certificates where authority = ${generation} and revoked_at is null
    )`.execute(queries);
  await sql`
    update certificates set revoked_at = now(), revocation_reason = 'authority-dropped'
    where authority = ${generation} and revoked_at is null`.execute(queries);
}

async function apply(queries: Queries, state: AuthorityState, change: AuthorityChange): Promise<void> {
  if (change.kind === 'begin') await begin(queries, state, change.by, change.authority);
  else if (change.kind === 'phase') await sql`update authority_rotation set phase = ${change.phase}, phase_since = now()`.execute(queries);
  else await drop(queries, change.drop);
}

export function stepAuthority(database: Database, decide: AuthorityStepping): Promise<AuthorityState> {
  return database.transaction(async (queries) => {
    // Against other steps, and against certificates that are just being kept (`insertCertificate` shares the lock).
    await sql`select from authorities order by generation for update`.execute(queries);
    const state = await readAuthorities(queries);
    if (state === undefined) throw new StoreRefused('authority-incomplete', 'There is no authority yet. Start the server once.');
    const change = await decide({ state, nodes: await readStandings(queries), servers: await readServers(queries) });
    await apply(queries, state, change);
    await appendEvents(queries, [eventOf(change)]);
    return (await readAuthorities(queries)) ?? state;
  });
}

const eventOf = (change: AuthorityChange): NewEvent => ({
  kind: 'authority-rotation',
  severity: 'info',
  nodeId: null,
  nodeName: null,
  message: change.message,
  data: { step: change.kind, by: change.by, ...('phase' in change ? { phase: change.phase } : {}) },
});
