import { randomUUID } from 'node:crypto';
import type { Grant, Person, PersonChange } from '@muster/api';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database.ts';
import { PersonExists } from '../errors.ts';
import { storableText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import { type AllowPersonChange, changePerson, type ChangedPerson, lockPeople, tellPersonChanged } from './person-change.ts';
import { addressOf, readPerson, selectPeople } from './person-row.ts';

export type NewPerson = { readonly email: string; readonly name: string; readonly grant: Grant };

/**
 * Everyone with an account. `idOrEmail` is either; every function that takes it throws PersonNotFound. Whoever is changed is signed out in
 * the same transaction, whose event `person-changed` tells every server.
 */
export type PeopleTable = {
  /** By address. */
  list(): Promise<Person[]>;
  get(idOrEmail: string): Promise<Person>;
  /** Undefined where there is none. */
  find(idOrEmail: string): Promise<Person | undefined>;
  /** @throws PersonExists */
  add(person: NewPerson): Promise<Person>;
  /** @throws LastAdministrator, whatever `allow` throws */
  change(idOrEmail: string, change: PersonChange, allow: AllowPersonChange): Promise<ChangedPerson>;
  /** @throws LastAdministrator, whatever `allow` throws */
  disable(idOrEmail: string, allow: AllowPersonChange): Promise<ChangedPerson>;
  /** @throws whatever `allow` throws */
  enable(idOrEmail: string, allow: AllowPersonChange): Promise<ChangedPerson>;
  /** With sessions, links and keys. @throws LastAdministrator, whatever `allow` throws */
  remove(idOrEmail: string, allow: AllowPersonChange): Promise<Person>;
  /** Forgets password and second factor, and ends earlier links. @throws whatever `allow` throws */
  forgetCredentials(idOrEmail: string, allow: AllowPersonChange): Promise<ChangedPerson>;
  /** Notes that somebody came in just now. */
  signedIn(id: string): Promise<void>;
};

const keep = (person: Person): Grant => person;

/** The rows of a new account. @throws PersonExists */
export async function insertPerson(queries: Transaction<Schema>, { email, name, grant }: NewPerson): Promise<string> {
  const id = randomUUID();
  const { rows } = await sql`
    insert into "user" ("id", "name", "email", "emailVerified")
    values (${id}, ${storableText(name)}, ${addressOf(email)}, true)
    on conflict ("email") do nothing returning "id"`.execute(queries);
  if (rows.length === 0) throw new PersonExists(addressOf(email));
  await sql`
    insert into people (user_id, role, groups, may_exec)
    values (${id}, ${grant.role}, ${grant.groups}::text[], ${grant.mayExec})`.execute(queries);
  return id;
}

function addPerson(database: Database, person: NewPerson): Promise<Person> {
  return database.transaction(async (queries) => {
    await lockPeople(queries);
    const added = await readPerson(queries, await insertPerson(queries, person));
    await tellPersonChanged(queries, added, 'added');
    return added;
  });
}

async function applyChange(queries: Transaction<Schema>, current: Person, { name, role, groups, mayExec }: PersonChange): Promise<void> {
  if (name !== undefined)
    await sql`update "user" set "name" = ${storableText(name)}, "updatedAt" = now() where "id" = ${current.id}`.execute(queries);
  await sql`
    update people set role = ${role ?? current.role}, groups = ${groups === undefined ? current.groups : groups}::text[],
      may_exec = ${mayExec ?? current.mayExec}
    where user_id = ${current.id}`.execute(queries);
}

/** What would be after a change. */
const grantAfter =
  ({ role, groups, mayExec }: PersonChange) =>
  (current: Person): Grant => ({
    role: role ?? current.role,
    groups: groups === undefined ? current.groups : groups,
    mayExec: mayExec ?? current.mayExec,
  });

async function forget(queries: Transaction<Schema>, { id }: Person): Promise<void> {
  await sql`delete from "account" where "userId" = ${id} and "providerId" = 'credential'`.execute(queries);
  await sql`delete from "twoFactor" where "userId" = ${id}`.execute(queries);
  await sql`update "user" set "twoFactorEnabled" = false where "id" = ${id}`.execute(queries);
  await sql`delete from sign_in_links where user_id = ${id} and used_at is null`.execute(queries);
}

export function peopleTable(database: Database): PeopleTable {
  const find = (idOrEmail: string) =>
    database.run(async (queries) => {
      const where = sql`p.user_id = ${storableText(idOrEmail)} or u."email" = ${addressOf(idOrEmail)}`;
      return (await selectPeople(queries, where))[0];
    });
  return {
    list: () => database.run((queries) => selectPeople(queries, sql`true`)),
    get: (idOrEmail) => database.run((queries) => readPerson(queries, idOrEmail)),
    find,
    add: (person) => addPerson(database, person),
    change: (idOrEmail, change, allow) =>
      changePerson(database, idOrEmail, 'changed', grantAfter(change), allow, (queries, current) => applyChange(queries, current, change)),
    disable: (idOrEmail, allow) =>
      changePerson(database, idOrEmail, 'disabled', keep, allow, async (queries, { id }) => {
        await sql`update people set disabled_at = coalesce(disabled_at, now()) where user_id = ${id}`.execute(queries);
        await sql`delete from sign_in_links where user_id = ${id} and used_at is null`.execute(queries);
      }),
    enable: (idOrEmail, allow) =>
      changePerson(database, idOrEmail, 'enabled', keep, allow, async (queries, { id }) => {
        await sql`update people set disabled_at = null where user_id = ${id}`.execute(queries);
      }),
    remove: async (idOrEmail, allow) => {
      const { before } = await changePerson(database, idOrEmail, 'removed', keep, allow, async (queries, { id }) => {
        await sql`delete from "user" where "id" = ${id}`.execute(queries);
      });
      return before;
    },
    forgetCredentials: (idOrEmail, allow) => changePerson(database, idOrEmail, 'credentials-forgotten', keep, allow, forget),
    signedIn: (id) =>
      database.run(async (queries) => {
        await sql`update people set last_sign_in_at = clock_timestamp() where user_id = ${id}`.execute(queries);
      }),
  };
}
