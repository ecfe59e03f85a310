import type { Grant, Person } from '@muster/api';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database.ts';
import { LastAdministrator } from '../errors.ts';
import type { Schema } from '../schema.ts';
import { appendEvents } from './events.ts';
import { readPerson, selectPeople } from './person-row.ts';

export type PersonChangeKind = 'added' | 'changed' | 'disabled' | 'enabled' | 'removed' | 'credentials-forgotten';

/** A person before and after something was done to him. */
export type ChangedPerson = { readonly before: Person; readonly after: Person };

/** Asked inside the transaction, with nobody else able to change people meanwhile; refuses by throwing. */
export type AllowPersonChange = (current: Person, next: Grant) => void;

/** Whoever changes people does it one after the other: so that of two administrators who demote each other one remains. */
export async function lockPeople(queries: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(1836413812, 3)`.execute(queries);
}

const administers = ({ role, groups, state }: Person): boolean => role === 'administrator' && groups === null && state === 'active';

/** @throws LastAdministrator when nobody else can decide who may what */
async function requireAnotherAdministrator(queries: Transaction<Schema>, person: Person): Promise<void> {
  const administrators = await selectPeople(queries, sql`p.role = 'administrator' and p.user_id <> ${person.id}`);
  if (!administrators.some(administers)) throw new LastAdministrator(person.email);
}

const words: Record<PersonChangeKind, string> = {
  added: 'was given an account',
  changed: 'was changed',
  disabled: 'was shut out',
  enabled: 'may come in again',
  removed: 'was removed',
  'credentials-forgotten': 'has to set a new password',
};

/** The last statement of a change: the event, by which every server hears that sessions may have ended. */
export async function tellPersonChanged(queries: Transaction<Schema>, { id, email }: Person, change: PersonChangeKind): Promise<void> {
  const message = `${email} ${words[change]}.`;
  await appendEvents(queries, [
    { kind: 'person-changed', severity: 'info', nodeId: null, nodeName: null, message, data: { personId: id, email, change } },
  ]);
}

/** Ends every session of a person at once. */
export async function endSessions(queries: Transaction<Schema>, id: string): Promise<void> {
  await sql`delete from "session" where "userId" = ${id}`.execute(queries);
}

/**
 * One change of one person in one transaction: asked first, the last administrator kept, his sessions ended, and told as an event.
 * `after` is the person as he was for one who was removed.
 * @throws PersonNotFound, LastAdministrator, whatever `allow` throws
 */
export function changePerson(
  database: Database,
  idOrEmail: string,
  change: PersonChangeKind,
  next: (current: Person) => Grant,
  allow: AllowPersonChange,
  work: (queries: Transaction<Schema>, current: Person) => Promise<void>,
): Promise<ChangedPerson> {
  return database.transaction(async (queries) => {
    await lockPeople(queries);
    const before = await readPerson(queries, idOrEmail);
    allow(before, next(before));
    await work(queries, before);
    await endSessions(queries, before.id);
    const [after] = await selectPeople(queries, sql`p.user_id = ${before.id}`);
    if (administers(before) && (after === undefined || !administers(after))) await requireAnotherAdministrator(queries, before);
    await tellPersonChanged(queries, before, change);
    return { before, after: after ?? before };
  });
}
