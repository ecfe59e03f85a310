import type pg from 'pg';
import { StoreRefused } from './errors.ts';

const oldestServer = 15;

/** What turns each setting on again, where a reload is enough for all three. */
const settings = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/**
 * Refuses a server that is too old, or one on which an acknowledged write can be lost or the data damaged by a crash.
 * @throws StoreRefused `server-too-old`, `not-durable`
 */
export async function requireDurable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: string } & Record<(typeof settings)[number], string>>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number,
       ${settings.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
  );
  const [row] = rows;
  if (row === undefined) return;
  if (Number(row.number) < oldestServer * 10_000) {
    throw new StoreRefused(
      'server-too-old',
      `The database is PostgreSQL ${row.version}; Muster needs ${oldestServer} or newer. Upgrade it, or leave out its URL to use the embedded one.`,
    );
  }
  const off = settings.filter((name) => row[name] === 'off');
  if (off.length > 0) {
    const how = off.map((name) => `ALTER SYSTEM SET ${name} = on;`).join(' ');
    throw new StoreRefused(
      'not-durable',
      `The database runs with ${off.join(' and ')} off: a crash could lose what was acknowledged. Turn it on as its administrator (${how} SELECT pg_reload_conf();) ` +
        'and look that the role and database do not turn it off (ALTER ROLE, ALTER DATABASE), then start again.',
    );
  }
}
