import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from '@muster/core';
import { checkStore } from '@muster/store';
import type { Config } from './config/config.ts';
import { StartError } from './start-error.ts';

/**
 * Whether a server of this release could start on the database that the configuration names, beside the servers that work with it now. Changes
 * nothing, and may be asked while a server of another release runs here.
 * @throws StartError for the embedded database, which only its own server can open; StoreRefused, StoreUnavailable
 */
export async function checkDatabase({ config, log }: { readonly config: Config; readonly log: Log }): Promise<void> {
  const { url } = config.database;
  if (url === undefined)
    throw new StartError(
      'The configuration names no database (database.url), and an embedded one is checked by the start of its server. Is it another file? Name it: -c FILE.',
    );
  // Without one no server was here, and none of those at work is this one.
  const serverId = (await readFile(join(resolve(config.dataDir), 'server-id'), 'utf8').catch(() => '')).trim();
  await checkStore({ connection: { url }, log, serverId });
}
