import { type RawBuilder, sql } from 'kysely';

/**
 * Seconds since a moment in a column, by the database's clock; null where there is none, never negative. Written out, because
 * PostgreSQL's `greatest` passes over nulls.
 */
export const ageSeconds = (column: string): RawBuilder<number | null> =>
  sql`case when ${sql.ref(column)} is not null then greatest(extract(epoch from now() - ${sql.ref(column)}), 0)::double precision end`;

/** The same in milliseconds. */
export const ageMs = (column: string): RawBuilder<number | null> => sql`1000 * (${ageSeconds(column)})`;
