import { access, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from '../errors.ts';
import type { Layout } from './layout.ts';
import type { SystemUser } from './system-user.ts';

/** The role and the database of the embedded server. */
export const databaseRole = 'muster';
export const databaseName = 'muster';

/** A string in postgresql.conf (PostgreSQL manual, "Parameter Interaction via the Configuration File"). */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
/** An element of a list of folders, whatever its characters. */
const quotedFolder = (folder: string): string => quoted(`"${folder.replaceAll('"', '""')}"`);

/**
 * The whole configuration, written anew at each start. Small: Muster's data are some ten megabytes, and its queries are short.
 * Nothing reaches the server but through the socket.
 */
export const serverSettings = (
  layout: Layout,
  socketDir: string,
): string => `# Written by Muster at each start. Settings of your own: in local.conf beside this file, read at the start and after these.
listen_addresses = ''
port = 5432
unix_socket_directories = ${quotedFolder(socketDir)}
unix_socket_permissions = 0700
hba_file = ${quoted(layout.access)}
ident_file = ${quoted(layout.users)}

fsync = on
full_page_writes = on
synchronous_commit = on

max_connections = 50
shared_buffers = 64MB
work_mem = 8MB
max_wal_size = 256MB
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
io_method = sync
max_parallel_workers_per_gather = 0
jit = off
huge_pages = off

log_timezone = 'UTC'
timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
log_error_verbosity = terse
log_min_error_statement = panic
`;

const ownSettings = 'local.conf';

const accessRules = `# Written by Muster at each start: only through the socket, only the users of pg_ident.conf.
local all all peer map=muster
`;

/** A word of pg_ident.conf. */
const word = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const userMap = (names: readonly string[]): string =>
  `# Written by Muster at each start: users of this machine who may act as the role.\n${[...new Set(names)].map((name) => `muster ${word(name)} ${databaseRole}\n`).join('')}`;

/** Writes the three configuration files. @throws EmbeddedPostgresError `not-reachable` for a path that no configuration can name */
export async function writeSettings(layout: Layout, socketDir: string, user: SystemUser): Promise<void> {
  if (/\p{Cc}/u.test(layout.home + socketDir)) {
    throw new EmbeddedPostgresError(
      'not-reachable',
      'The path of the data folder has a control character. Give Muster another data folder.',
    );
  }
  const mode = user.other ? 0o644 : 0o600;
  const hasOwn = await access(join(layout.home, ownSettings)).then(
    () => true,
    () => false,
  );
  await writeFile(layout.config, serverSettings(layout, socketDir) + (hasOwn ? `\ninclude '${ownSettings}'\n` : ''), { mode });
  await writeFile(layout.access, accessRules, { mode });
  await writeFile(layout.users, userMap(['root', user.name, userInfo().username]), { mode });
}
