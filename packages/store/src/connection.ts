import pg from 'pg';
import { StoreRefused } from './errors.ts';

/** Where the database is: the embedded one's socket, or any PostgreSQL by URL. */
export type StoreConnection = { readonly host: string; readonly user: string; readonly database: string } | { readonly url: string };

const timestamptz = 1184;
const bigint = 20;

/** Moments as ISO 8601 in UTC, as the API shows them; 64-bit integers as numbers (ids and bytes, all far below 2^53). */
function parserOf(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === timestamptz) return (text) => new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/u, '$1:00')).toISOString();
  if (oid === bigint) return Number;
  return pg.types.getTypeParser(oid, format) as (text: string) => unknown;
}

const types = { getTypeParser: parserOf as typeof pg.types.getTypeParser };

/** By the driver's own reading: it also takes a socket's folder as `?host=`, which a URL in general has not. */
function isUrl(text: string): boolean {
  if (!/^postgres(?:ql)?:\/\//u.test(text)) return false;
  try {
    return new pg.Client({ connectionString: text }).host !== '';
  } catch {
    return false;
  }
}

function addressOf(connection: StoreConnection): pg.ClientConfig {
  if (!('url' in connection)) return { host: connection.host, port: 5432, user: connection.user, database: connection.database };
  if (!isUrl(connection.url)) {
    // The URL may carry a password: neither it nor the parser's error is shown.
    throw new StoreRefused(
      'bad-url',
      'The URL of the database is not one. It looks like postgresql://user:password@host:5432/database (a password percent-encoded).',
    );
  }
  return { connectionString: connection.url };
}

/**
 * What every connection of the store has in common. A query that takes too long is ended by the server; a connection whose
 * other end is gone shows by the client's own, longer time-out and by keepalive.
 * @throws StoreRefused `bad-url`
 */
export function clientConfig(connection: StoreConnection): pg.ClientConfig {
  return {
    ...addressOf(connection),
    application_name: 'muster',
    types,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 15_000,
    query_timeout: 20_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  };
}

/** The same for one statement after another that may each take minutes, as in a migration. */
export function patientClientConfig(connection: StoreConnection): pg.ClientConfig {
  const { statement_timeout: _, query_timeout: __, idle_in_transaction_session_timeout: ___, ...rest } = clientConfig(connection);
  return rest;
}
