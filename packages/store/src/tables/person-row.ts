import type { Person } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { PersonNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';

type PersonRow = {
  id: string;
  email: string;
  name: string;
  role: Person['role'];
  groups: string[] | null;
  may_exec: boolean;
  disabled: boolean;
  has_password: boolean;
  two_factor: boolean;
  oidc_issuer: string | null;
  grant_from_provider: boolean;
  created_at: string;
  last_sign_in_at: string | null;
  invited_until: string | null;
};

const stateOf = ({ disabled, last_sign_in_at: lastSignInAt }: PersonRow): Person['state'] => {
  if (disabled) return 'disabled';
  return lastSignInAt === null ? 'invited' : 'active';
};

const personOfRow = (row: PersonRow): Person => ({
  id: row.id,
  email: row.email,
  name: row.name === '' ? row.email : row.name,
  role: row.role,
  groups: row.groups,
  mayExec: row.may_exec,
  state: stateOf(row),
  hasPassword: row.has_password,
  twoFactor: row.two_factor,
  provider: row.oidc_issuer,
  grantFromProvider: row.grant_from_provider,
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at,
  invitedUntil: row.invited_until,
});

/** The people for whom a condition on `p` (people) and `u` ("user") holds, by address. */
export async function selectPeople(queries: Queries, where: RawBuilder<unknown>): Promise<Person[]> {
  const { rows } = await sql<PersonRow>`
    select p.user_id as id, u."email" as email, u."name" as name, p.role, p.groups, p.may_exec, p.disabled_at is not null as disabled,
      exists (
        select from "account" a where a."userId" = p.user_id and a."providerId" = 'credential' and a."password" is not null
      ) as has_password,
      u."twoFactorEnabled" as two_factor, p.oidc_issuer, p.grant_from_provider, p.created_at, p.last_sign_in_at,
      (
        select max(l.expires_at) from sign_in_links l
        where l.user_id = p.user_id and l.used_at is null and l.expires_at > clock_timestamp()
      ) as invited_until
    from people p join "user" u on u."id" = p.user_id
    where ${where}
    order by u."email"`.execute(queries);
  return rows.map(personOfRow);
}

/** An address as it is kept. */
export const addressOf = (email: string): string => storableText(email).toLowerCase();

/** One person. @throws PersonNotFound */
export async function readPerson(queries: Queries, idOrEmail: string): Promise<Person> {
  const [person] = await selectPeople(queries, sql`p.user_id = ${storableText(idOrEmail)} or u."email" = ${addressOf(idOrEmail)}`);
  if (person === undefined) throw new PersonNotFound(idOrEmail);
  return person;
}
