import type { Artifact, ArtifactCreate, ArtifactList } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { violatedConstraint } from '../database-error.ts';
import { ArtifactInUse, ArtifactNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';

/** What is known of the files that environments are made of; their bytes are kept elsewhere. */
export type ArtifactTable = {
  /** Notes a file that is whole. Of one that is there nothing changes, not even its name: definitions were made with it. */
  add(artifact: ArtifactCreate, by: string): Promise<Artifact>;
  /** @throws ArtifactNotFound */
  get(sha256: string): Promise<Artifact>;
  /** By name. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<ArtifactList>;
  /** Those of these that are there. */
  known(sha256s: readonly string[]): Promise<ArtifactCreate[]>;
  /** @throws ArtifactNotFound, ArtifactInUse */
  remove(sha256: string): Promise<void>;
};

const columns = sql`
  a.sha256, a.name, a.size_bytes as "sizeBytes", a.added_at as "addedAt", a.added_by as "addedBy",
  array(
    select distinct e.name from environment_artifacts used join environments e on e.id = used.environment_id
    where used.sha256 = a.sha256 order by e.name
  ) as "usedBy"`;

async function readArtifact(queries: Queries, sha256: string): Promise<Artifact> {
  const { rows } = await sql<Artifact>`select ${columns} from artifacts a where a.sha256 = ${sha256}`.execute(queries);
  const [row] = rows;
  if (row === undefined) throw new ArtifactNotFound(sha256);
  return row;
}

async function listArtifacts(queries: Queries, limit: number, offset: number): Promise<ArtifactList> {
  const { rows } = await sql<Artifact & { total: number; sha256: string | null }>`
    with page as (select sha256 from artifacts order by name, sha256 limit ${limit} offset ${offset})
    select counted.total, ${columns} from (select count(*) as total from artifacts) counted
    left join (artifacts a join page on page.sha256 = a.sha256) on true order by a.name, a.sha256`.execute(queries);
  const items = rows.filter((row) => (row.sha256 as string | null) !== null).map(withoutTotal);
  return { items, total: rows[0]?.total ?? 0 };
}

function withoutTotal(row: Artifact & { total: number }): Artifact {
  const { total: _, ...artifact } = row;
  return artifact;
}

async function removeArtifact(queries: Queries, sha256: string): Promise<void> {
  const { name, usedBy } = await readArtifact(queries, sha256);
  if (usedBy.length > 0) throw new ArtifactInUse(name, usedBy);
  try {
    await sql`delete from artifacts where sha256 = ${sha256}`.execute(queries);
  } catch (error) {
    // An environment was made of it just now.
    if (violatedConstraint(error) === 'environment_artifacts_in_use') throw new ArtifactInUse(name, [], { cause: error });
    throw error;
  }
}

export function artifactTable(database: Database): ArtifactTable {
  return {
    add: ({ sha256, name, sizeBytes }, by) =>
      database.run(async (queries) => {
        await sql`
          insert into artifacts (sha256, name, size_bytes, added_by) values (${sha256}, ${name}, ${sizeBytes}, ${storableText(by)})
          on conflict (sha256) do nothing`.execute(queries);
        return readArtifact(queries, sha256);
      }),
    get: (sha256) => database.run((queries) => readArtifact(queries, sha256)),
    list: ({ limit, offset }) => database.run((queries) => listArtifacts(queries, limit, offset)),
    known: async (sha256s) => {
      const { rows } = await database.run((queries) =>
        sql<ArtifactCreate>`
          select sha256, name, size_bytes as "sizeBytes" from artifacts where sha256 = any (${[...sha256s]}::text[])`.execute(queries),
      );
      return rows;
    },
    remove: (sha256) => database.run((queries) => removeArtifact(queries, sha256)),
  };
}
