import type { Grant, Person } from '@muster/api';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database.ts';
import { PersonExists } from '../errors.ts';
import { storableText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import { insertPerson } from './people.ts';
import { endSessions, lockPeople, tellPersonChanged } from './person-change.ts';
import { addressOf, readPerson, selectPeople } from './person-row.ts';

/** What an identity provider says of somebody who came in through it. */
export type ProvidedIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  /** Whether the provider has checked that the address is his. */
  readonly emailVerified: boolean;
  readonly name: string;
  readonly grant: Grant;
  /** Whether the grant is the provider's word and replaces what is kept here. */
  readonly grantFromProvider: boolean;
};

/** People who come in through an identity provider. */
export type IdentityTable = {
  /**
   * The account of an identity, made or brought up to date. It is known by issuer and subject, never by its address, with one exception: an
   * account that was made by invitation and never used is taken over by the one whose checked address it has.
   * @throws PersonExists when the address belongs to another account
   */
  comeIn(identity: ProvidedIdentity): Promise<Person>;
};

async function known(queries: Transaction<Schema>, { issuer, subject }: ProvidedIdentity): Promise<Person | undefined> {
  const where = sql`p.oidc_issuer = ${issuer} and p.oidc_subject = ${storableText(subject)}`;
  return (await selectPeople(queries, where))[0];
}

/** An account that waits for its person, and may be this one's. */
async function invited(queries: Transaction<Schema>, { email, emailVerified }: ProvidedIdentity): Promise<Person | undefined> {
  const [person] = await selectPeople(queries, sql`u."email" = ${addressOf(email)}`);
  if (person === undefined) return undefined;
  const waits = person.state === 'invited' && !person.hasPassword && person.provider === null;
  if (!waits || !emailVerified) throw new PersonExists(addressOf(email));
  return person;
}

const isSameGrant = (one: Grant, other: Grant): boolean =>
  one.role === other.role && one.mayExec === other.mayExec && JSON.stringify(one.groups) === JSON.stringify(other.groups);

/** Brings an account up to what the provider says. A changed grant ends the sessions that were begun with the old one. */
async function update(queries: Transaction<Schema>, person: Person, identity: ProvidedIdentity): Promise<void> {
  const { issuer, subject, name, grantFromProvider } = identity;
  const grant: Grant = grantFromProvider ? identity.grant : person;
  await sql`update "user" set "name" = ${storableText(name)}, "updatedAt" = now() where "id" = ${person.id}`.execute(queries);
  await sql`
    update people set oidc_issuer = ${issuer}, oidc_subject = ${storableText(subject)}, grant_from_provider = ${grantFromProvider},
      role = ${grant.role}, groups = ${grant.groups}::text[], may_exec = ${grant.mayExec}
    where user_id = ${person.id}`.execute(queries);
  await sql`delete from sign_in_links where user_id = ${person.id} and used_at is null`.execute(queries);
  if (isSameGrant(grant, person)) return;
  await endSessions(queries, person.id);
  await tellPersonChanged(queries, person, 'changed');
}

export function identityTable(database: Database): IdentityTable {
  return {
    comeIn: (identity) =>
      database.transaction(async (queries) => {
        await lockPeople(queries);
        const there = (await known(queries, identity)) ?? (await invited(queries, identity));
        if (there !== undefined) {
          await update(queries, there, identity);
          return readPerson(queries, there.id);
        }
        const person = await readPerson(queries, await insertPerson(queries, identity));
        await update(queries, person, identity);
        await tellPersonChanged(queries, person, 'added');
        return readPerson(queries, person.id);
      }),
  };
}
