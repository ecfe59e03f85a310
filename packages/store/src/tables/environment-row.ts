import type { EnvironmentDefinition, EnvironmentRecipe } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { EnvironmentNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';

/** An environment in its present version, as it is kept. */
export type StoredEnvironment = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly selector: string | null;
  readonly description: string;
  readonly definition: EnvironmentDefinition;
  readonly definitionSha256: string;
  readonly recipe: EnvironmentRecipe;
  readonly artifacts: { readonly sha256: string; readonly name: string; readonly sizeBytes: number }[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
};

export const environmentColumns: RawBuilder<StoredEnvironment> = sql<StoredEnvironment>`
  e.id, e.name, e.version, e.selector, e.description, v.definition, v.definition_sha256 as "definitionSha256", v.recipe,
  coalesce((
    select jsonb_agg(jsonb_build_object('sha256', a.sha256, 'name', a.name, 'sizeBytes', a.size_bytes) order by a.name, a.sha256)
    from environment_artifacts used join artifacts a on a.sha256 = used.sha256
    where used.environment_id = e.id and used.version = e.version
  ), '[]') as artifacts,
  e.created_at as "createdAt", e.created_by as "createdBy", e.updated_at as "updatedAt", e.updated_by as "updatedBy"`;

export const environmentTables = sql`
  environments e join environment_versions v on v.environment_id = e.id and v.version = e.version`;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** By id or name, of those that were not removed. @throws EnvironmentNotFound */
export async function readEnvironment(queries: Queries, idOrName: string): Promise<StoredEnvironment> {
  const { rows } = await sql<StoredEnvironment>`
    select ${environmentColumns} from ${environmentTables} where ${isCalled(idOrName)} order by ${idFirst(idOrName)} limit 1`.execute(
    queries,
  );
  const [row] = rows;
  if (row === undefined) throw new EnvironmentNotFound(idOrName);
  return row;
}

/**
 * The same, locked until the end of the transaction. Locked first and read then: a version that was made by whoever held the lock before is
 * seen only by a statement of its own. @throws EnvironmentNotFound
 */
export async function lockEnvironment(queries: Queries, idOrName: string): Promise<StoredEnvironment> {
  const { rows } = await sql<{ id: string }>`
    select e.id from environments e where ${isCalled(idOrName)} order by ${idFirst(idOrName)} limit 1 for update`.execute(queries);
  const [row] = rows;
  if (row === undefined) throw new EnvironmentNotFound(idOrName);
  return readEnvironment(queries, row.id);
}

const idIn = (idOrName: string): string | null => (uuid.test(idOrName) ? idOrName : null);

const isCalled = (idOrName: string): RawBuilder<boolean> =>
  sql<boolean>`e.removed_at is null and (e.id = ${idIn(idOrName)}::uuid or e.name = ${storableText(idOrName)})`;

/** A name may look like an id; then the id counts. */
const idFirst = (idOrName: string) => sql`(e.id = ${idIn(idOrName)}::uuid) desc nulls last`;
