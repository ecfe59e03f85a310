import pg from 'pg';
import { clientConfig, type StoreConnection } from './connection.ts';
import { storeError } from './database-error.ts';

/**
 * Makes a database on the server of the connection, unless it is there. As a copy of `template` only while nobody is connected to that one.
 * @throws StoreUnavailable
 */
export async function createDatabase(connection: StoreConnection, name: string, template = 'template1'): Promise<void> {
  const client = new pg.Client(clientConfig(connection));
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)} template ${pg.escapeIdentifier(template)}`);
  } catch (error) {
    throw storeError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
