import type { Person } from '@muster/api';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { selectPeople } from './person-row.ts';

/** Links and codes by which a person comes in once. Only hashes of links are kept; the database's clock says what has expired. */
export type SignInLinkTable = {
  /** Keeps the hash of a link's secret. With `endsEarlier` the person's other links end. */
  make(personId: string, secretSha256: string, lifetimeSeconds: number, endsEarlier: boolean): Promise<{ expiresAt: string }>;
  /** Uses a link up; undefined when it was used, has expired, never was, or its person is shut out. Of two that use it one gets in. */
  use(secretSha256: string): Promise<Person | undefined>;
  /**
   * Takes note of a code of an authenticator; false when the person gave the same one within the last three minutes, which is longer
   * than any is good for.
   */
  takeCode(personId: string, code: string): Promise<boolean>;
};

export function signInLinkTable(database: Database): SignInLinkTable {
  return {
    make: (personId, secretSha256, lifetimeSeconds, endsEarlier) =>
      database.transaction(async (queries) => {
        if (endsEarlier) await sql`delete from sign_in_links where user_id = ${personId} and used_at is null`.execute(queries);
        const { rows } = await sql<{ expires_at: string }>`
          insert into sign_in_links (secret_sha256, user_id, expires_at)
          values (${secretSha256}, ${personId}, clock_timestamp() + make_interval(secs => ${lifetimeSeconds}::double precision))
          returning expires_at`.execute(queries);
        return { expiresAt: rows[0]?.expires_at ?? '' };
      }),
    use: (secretSha256) =>
      database.transaction(async (queries) => {
        const { rows } = await sql<{ user_id: string }>`
          update sign_in_links l set used_at = clock_timestamp() from people p
          where l.secret_sha256 = ${secretSha256} and l.used_at is null and l.expires_at > clock_timestamp()
            and p.user_id = l.user_id and p.disabled_at is null
          returning l.user_id`.execute(queries);
        const [row] = rows;
        return row === undefined ? undefined : (await selectPeople(queries, sql`p.user_id = ${row.user_id}`))[0];
      }),
    takeCode: (personId, code) =>
      database.transaction(async (queries) => {
        await sql`delete from used_codes where user_id = ${personId} and used_at < clock_timestamp() - interval '3 minutes'`.execute(
          queries,
        );
        const { rows } = await sql`
          insert into used_codes (user_id, code) values (${personId}, ${code}) on conflict do nothing returning code`.execute(queries);
        return rows.length > 0;
      }),
  };
}
