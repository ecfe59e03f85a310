import type { PackageListing } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText } from '../json-text.ts';

/** What a node listed of a version of an environment. */
export type StoredListing = { readonly nodeName: string; readonly listedAt: string; readonly listing: PackageListing };

/** The packages in environments, as nodes listed them when they had built one. */
export type EnvironmentPackagesTable = {
  /** Keeps a listing; of a node or an environment that was removed it is passed over. */
  save(environmentId: string, version: number, nodeId: string, listing: PackageListing): Promise<void>;
  /** That of a node, or the newest of all; undefined where there is none. */
  read(environmentId: string, version: number, nodeId?: string): Promise<StoredListing | undefined>;
};

/** Nodes with the same packages share one row; one that nobody needs any more goes with the next that is written. */
async function save(queries: Queries, environmentId: string, version: number, nodeId: string, listing: PackageListing): Promise<void> {
  const text = jsonText(listing);
  await sql`
    with kept as (
      insert into environment_listings (sha256, listing) values (encode(sha256(convert_to(${text}::text, 'UTF8')), 'hex'), ${text}::jsonb)
      on conflict (sha256) do update set sha256 = excluded.sha256 returning sha256
    )
    insert into environment_packages (environment_id, version, node_id, listing_sha256)
    select e.id, ${version}::integer, n.id, kept.sha256 from kept, nodes n, environments e
    where n.id = ${nodeId} and e.id = ${environmentId} and e.removed_at is null
    on conflict (environment_id, version, node_id) do update set listing_sha256 = excluded.listing_sha256, listed_at = now()`.execute(
    queries,
  );
}

async function sweep(queries: Queries): Promise<void> {
  await sql`
    delete from environment_packages p using environments e where e.id = p.environment_id and p.version < e.version - 1`.execute(queries);
  await sql`
    delete from environment_listings l where not exists (select from environment_packages p where p.listing_sha256 = l.sha256)`.execute(
    queries,
  );
}

export function environmentPackagesTable(database: Database): EnvironmentPackagesTable {
  return {
    save: (environmentId, version, nodeId, listing) =>
      database.transaction(async (queries) => {
        await save(queries, environmentId, version, nodeId, listing);
        await sweep(queries);
      }),
    read: async (environmentId, version, nodeId) => {
      const { rows } = await database.run((queries) =>
        sql<StoredListing>`
          select n.name as "nodeName", p.listed_at as "listedAt", l.listing
          from environment_packages p join nodes n on n.id = p.node_id join environment_listings l on l.sha256 = p.listing_sha256
          where p.environment_id = ${environmentId} and p.version = ${version} and (${nodeId ?? null}::uuid is null or p.node_id = ${nodeId ?? null}::uuid)
          order by p.listed_at desc limit 1`.execute(queries),
      );
      return rows[0];
    },
  };
}
