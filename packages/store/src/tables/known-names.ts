import type { KnownNames } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { storableText } from '../json-text.ts';

/** What can stand in a command, for completion: each list in its order, of each at most so many. */
export type KnownNamesTable = { beginningWith(prefix: string, limit: number): Promise<KnownNames> };

type Kind = keyof KnownNames;

/** Where the names of each kind come from. */
const sources: Readonly<Record<Kind, RawBuilder<unknown>>> = {
  nodes: sql`select name, name_sort_key as position from nodes`,
  groups: sql`select distinct one, one as position from nodes, unnest(groups) as given (one)`,
  labels: sql`select distinct one, one as position from nodes, jsonb_object_keys(labels) as given (one)`,
  units: sql`
    select distinct one ->> 'unit', one ->> 'unit' as position from node_services,
      jsonb_array_elements(case when jsonb_typeof(report -> 'services') = 'array' then report -> 'services' else '[]' end) as given (one)`,
};

async function read(queries: Queries, kind: Kind, prefix: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from (${sources[kind]}) as known (name, position) where starts_with(name, ${storableText(prefix)})
    order by position collate "C", name limit ${limit}`.execute(queries);
  return rows.map(({ name }) => name);
}

export function knownNamesTable(database: Database): KnownNamesTable {
  return {
    beginningWith: (prefix, limit) =>
      database.run(async (queries) => ({
        nodes: await read(queries, 'nodes', prefix, limit),
        groups: await read(queries, 'groups', prefix, limit),
        labels: await read(queries, 'labels', prefix, limit),
        units: await read(queries, 'units', prefix, limit),
      })),
  };
}
