/* The process that kill-loop.ts kills: a server in small. Adds nodes, several at once, and prints the name of each after its commit. */
import { writeSync } from 'node:fs';
import { isStoreUnavailable, openStore, startEmbeddedPostgres, type Store } from '../src/index.ts';

const writers = 4;
const [dataDir = '', run = ''] = process.argv.slice(2);
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function write(store: Store, writer: number): Promise<void> {
  for (let number = 0; ; number += 1) {
    const name = `run${run}-writer${writer}-node${number}`;
    try {
      await store.nodes.add({ name, privateIp: null, publicIp: null, labels: {}, groups: [], environments: 'on', notes: '' });
      // Synchronous: the line is with the reader before anything else happens here.
      writeSync(1, `${name}\n`);
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error;
      // Whether this one was committed is not known. It is not acknowledged, and the next one has a name of its own.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
const store = await openStore({ connection: postgres.connection, log: silent });
await Promise.all(Array.from({ length: writers }, (_, writer) => write(store, writer)));
