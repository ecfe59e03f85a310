import type { EnvironmentDefinition, EnvironmentRecipe, EnvironmentVersion } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { violatedConstraint } from '../database-error.ts';
import { ArtifactNotFound, EnvironmentChanged, EnvironmentExists } from '../errors.ts';
import { jsonText, storableText } from '../json-text.ts';
import { lockEnvironment, readEnvironment, type StoredEnvironment, environmentColumns, environmentTables } from './environment-row.ts';
import { appendEvents, type NewEvent } from './events.ts';

/** A definition that was read and found good. */
export type ReadDefinition = {
  readonly definition: EnvironmentDefinition;
  readonly definitionSha256: string;
  readonly recipe: EnvironmentRecipe;
  /** Artifacts that it is made of. */
  readonly artifacts: readonly string[];
};

export type DecidedEnvironment = ReadDefinition & { readonly selector: string | null; readonly description: string };

/** Environments. Every function that takes `idOrName` throws EnvironmentNotFound; changes write their event `environment-changed` themselves. */
export type EnvironmentTable = {
  /** @throws EnvironmentExists, ArtifactNotFound */
  create(name: string, decided: DecidedEnvironment, by: string): Promise<StoredEnvironment>;
  /**
   * Replaces what a person decides; another definition is the next version. With a `version` only if that is still the present one. The same once more
   * changes nothing. @throws EnvironmentChanged, ArtifactNotFound
   */
  replace(
    idOrName: string,
    decided: DecidedEnvironment & { readonly version?: number | undefined },
    by: string,
  ): Promise<StoredEnvironment>;
  /** From now on no node is to have it. The name is free, the number of its last version stays taken. */
  remove(idOrName: string, force: boolean, by: string): Promise<void>;
  /** Notes an environment that only nodes have as a removed one; one that is known stays as it is. */
  adoptRemoved(name: string, version: number, by: string): Promise<void>;
  get(idOrName: string): Promise<StoredEnvironment>;
  /** All of them, by name: there are few. */
  list(): Promise<StoredEnvironment[]>;
  /** Newest first. */
  versions(idOrName: string): Promise<EnvironmentVersion[]>;
};

async function createEnvironment(database: Database, name: string, decided: DecidedEnvironment, by: string): Promise<StoredEnvironment> {
  return database.transaction(async (queries) => {
    const { selector, description } = decided;
    const { rows } = await sql<{ id: string; version: number }>`
      insert into environments (name, version, selector, description, created_by, updated_by)
      values (${name}, 1, ${selector}, ${storableText(description)}, ${storableText(by)}, ${storableText(by)})
      on conflict (name) do update set version = environments.version + 1, selector = excluded.selector, description = excluded.description,
        created_at = now(), created_by = excluded.created_by, updated_at = now(), updated_by = excluded.updated_by,
        removed_at = null, removed_by_force = false
      where environments.removed_at is not null
      returning id, version`.execute(queries);
    const [row] = rows;
    if (row === undefined) throw new EnvironmentExists(name);
    await insertVersion(queries, row.id, row.version, decided, by);
    await appendEvents(queries, [
      changed(row.id, name, `Environment ${name} was created by ${by}, version ${row.version}.`, { version: row.version }),
    ]);
    return readEnvironment(queries, row.id);
  });
}

async function insertVersion(queries: Queries, id: string, version: number, decided: ReadDefinition, by: string): Promise<void> {
  const { definition, definitionSha256, recipe, artifacts } = decided;
  await sql`
    insert into environment_versions (environment_id, version, definition, definition_sha256, recipe, created_by)
    values (${id}, ${version}, ${jsonText(definition)}::jsonb, ${definitionSha256}, ${jsonText(recipe)}::jsonb, ${storableText(by)})`.execute(
    queries,
  );
  try {
    await sql`
      insert into environment_artifacts (environment_id, version, sha256)
      select ${id}, ${version}, sha256 from unnest(${[...artifacts]}::text[]) as given (sha256)`.execute(queries);
  } catch (error) {
    // It was removed since the definition was read.
    if (violatedConstraint(error) === 'environment_artifacts_in_use') throw new ArtifactNotFound(artifacts.join(', '), { cause: error });
    throw error;
  }
}

function replaceEnvironment(
  database: Database,
  idOrName: string,
  decided: DecidedEnvironment & { readonly version?: number | undefined },
  by: string,
): Promise<StoredEnvironment> {
  return database.transaction(async (queries) => {
    const before = await lockEnvironment(queries, idOrName);
    const { id, name } = before;
    if (decided.version !== undefined && decided.version !== before.version)
      throw new EnvironmentChanged(name, decided.version, before.version);
    const isOther = decided.definitionSha256 !== before.definitionSha256;
    const version = isOther ? before.version + 1 : before.version;
    if (!isOther && decided.selector === before.selector && decided.description === before.description) return before;
    if (isOther) {
      await insertVersion(queries, id, version, decided, by);
      // The one before stays, for the way back.
      await sql`delete from environment_artifacts where environment_id = ${id} and version < ${before.version}`.execute(queries);
    }
    await sql`
      update environments set version = ${version}, selector = ${decided.selector}, description = ${storableText(decided.description)},
        updated_at = now(), updated_by = ${storableText(by)}
      where id = ${id}`.execute(queries);
    const what = isOther ? `has version ${version}` : 'was changed';
    await appendEvents(queries, [changed(id, name, `Environment ${name} ${what}, by ${by}.`, { version })]);
    return readEnvironment(queries, id);
  });
}

function removeEnvironment(database: Database, idOrName: string, force: boolean, by: string): Promise<void> {
  return database.transaction(async (queries) => {
    const { id, name } = await lockEnvironment(queries, idOrName);
    await sql`
      update environments set removed_at = now(), removed_by_force = ${force}, updated_at = now(), updated_by = ${storableText(by)}
      where id = ${id}`.execute(queries);
    await sql`delete from environment_artifacts where environment_id = ${id}`.execute(queries);
    await sql`delete from environment_packages where environment_id = ${id}`.execute(queries);
    await appendEvents(queries, [changed(id, name, `Environment ${name} was removed by ${by}.`, { removed: true })]);
  });
}

/** A version of it stands for what nobody knows any more, so that its number is not used again. */
function adoptRemoved(database: Database, name: string, version: number, by: string): Promise<void> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<{ id: string }>`
      insert into environments (name, version, created_by, updated_by, removed_at)
      values (${name}, ${version}, ${storableText(by)}, ${storableText(by)}, now()) on conflict (name) do nothing returning id`.execute(
      queries,
    );
    const [row] = rows;
    if (row === undefined) return;
    await sql`
      insert into environment_versions (environment_id, version, definition, definition_sha256, recipe, created_by)
      values (${row.id}, ${version}, '{"kind": "archive"}', '', '{"kind": "archive"}', ${storableText(by)})`.execute(queries);
  });
}

const changed = (environmentId: string, environment: string, message: string, data: Record<string, unknown>): NewEvent => ({
  kind: 'environment-changed',
  severity: 'info',
  nodeId: null,
  nodeName: null,
  message,
  data: { environmentId, environment, ...data },
});

async function readVersions(queries: Queries, idOrName: string): Promise<EnvironmentVersion[]> {
  const { id } = await readEnvironment(queries, idOrName);
  const { rows } = await sql<EnvironmentVersion>`
    select version, definition, definition_sha256 as "definitionSha256", created_at as "createdAt", created_by as "createdBy"
    from environment_versions where environment_id = ${id} order by version desc`.execute(queries);
  return rows;
}

async function listEnvironments(queries: Queries): Promise<StoredEnvironment[]> {
  const { rows } = await sql<StoredEnvironment>`
    select ${environmentColumns} from ${environmentTables} where e.removed_at is null order by e.name`.execute(queries);
  return rows;
}

export function environmentTable(database: Database): EnvironmentTable {
  return {
    create: (name, decided, by) => createEnvironment(database, name, decided, by),
    replace: (idOrName, decided, by) => replaceEnvironment(database, idOrName, decided, by),
    remove: (idOrName, force, by) => removeEnvironment(database, idOrName, force, by),
    adoptRemoved: (name, version, by) => adoptRemoved(database, name, version, by),
    get: (idOrName) => database.run((queries) => readEnvironment(queries, idOrName)),
    list: () => database.run(listEnvironments),
    versions: (idOrName) => database.run((queries) => readVersions(queries, idOrName)),
  };
}
