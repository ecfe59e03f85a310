/* Starts the embedded database on a folder, writes once, and dies without a word: what a killed server leaves behind. */
import { writeSync } from 'node:fs';
import { startEmbeddedPostgres } from '../src/index.ts';

const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log: () => undefined });
writeSync(1, `${postgres.pid}\n`);
process.kill(process.pid, 'SIGKILL');
