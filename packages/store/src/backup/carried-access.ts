import { rootDigest, type Run } from './carried-certificates.ts';

/** What shuts somebody out, taken along from the database that is replaced: keys that do not count any more, and accounts that may not sign in. */
export async function carryAccess(run: Run): Promise<void> {
  await run(`create temporary table carried_roots on commit drop as select ${rootDigest} as digest from authorities a`, []);
  await run('create temporary table carried_keys on commit drop as select id, revoked_at from api_keys', []);
  await run(
    'create temporary table carried_people on commit drop as select user_id, disabled_at from people where disabled_at is not null',
    [],
  );
}

/** How many were shut out again. */
export type MergedAccess = { readonly apiKeysRevoked: number; readonly peopleDisabled: number };

/** Whether the database that is replaced is of the same installation: one that shares no authority with the backup says nothing about it. */
export async function isSameInstallation(run: Run): Promise<boolean> {
  const same = await run(`select from authorities a join carried_roots r on r.digest = ${rootDigest} limit 1`, []);
  return same.length > 0;
}

/** Who was shut out since the backup stays so. */
export async function mergeAccess(run: Run): Promise<MergedAccess> {
  const keys = await run(
    `update api_keys k set revoked_at = coalesce((select c.revoked_at from carried_keys c where c.id = k.id), now())
     where k.revoked_at is null and not exists (select from carried_keys c where c.id = k.id and c.revoked_at is null) returning k.id`,
    [],
  );
  const people = await run(
    `update people p set disabled_at = c.disabled_at from carried_people c
     where c.user_id = p.user_id and p.disabled_at is null returning p.user_id`,
    [],
  );
  return { apiKeysRevoked: keys.length, peopleDisabled: people.length };
}
