import { openStore, startEmbeddedPostgres } from '@muster/store';
import { silentLog } from './silent-log.ts';

/** Makes a migrated database in the folder it is given, and stops it. */
const [dataDir = ''] = process.argv.slice(2);
const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
const store = await openStore({ connection: postgres.connection, log: silentLog });
await store.close();
await postgres.stop();
