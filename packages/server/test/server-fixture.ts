import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Client } from '@muster/api';
import type { Store } from '@muster/store';
import { reachableFolder, runSql, withStore } from '@muster/testkit';
import { loadConfig } from '../src/config/load-config.ts';
import { type RunningServer, type StartOptions, startServer } from '../src/main.ts';
import { keptLog, type LogLine } from './kept-log.ts';
import { localClient, Person } from './requests.ts';

export type TestServer = {
  readonly server: RunningServer;
  readonly folder: string;
  readonly port: number;
  readonly agentsPort: number;
  readonly lines: LogLine[];
  /** Through the Unix socket. */
  readonly local: Client;
  /** Signs someone in by a one-time link. */
  signIn(): Promise<Person>;
  close(): Promise<void>;
};

/** A port that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Stands in for the muster command that executes runs: `fake-apply`. */
const fakeProgram = join(import.meta.dirname, 'fake-apply');

export const indexPage = '<!doctype html><title>Muster</title>';

/** A panel as the build leaves it. */
async function makePanel(folder: string): Promise<string> {
  const panelDir = join(folder, 'panel');
  await mkdir(join(panelDir, 'assets'), { recursive: true });
  await writeFile(join(panelDir, 'index.html'), indexPage);
  await writeFile(join(panelDir, 'assets', 'index-abc123.js'), 'export const panel = 1;\n');
  await writeFile(join(folder, 'secret.txt'), 'not for the panel');
  return panelDir;
}

/** A server of another release than this build's. */
export type OtherRelease = Pick<StartOptions, 'version' | 'migrationsDir'>;

/** Starts a server in a folder of its own; with the embedded database unless the variables name one. */
export async function openServer(variables: Record<string, string> = {}, release: OtherRelease = {}): Promise<TestServer> {
  const folder = await reachableFolder();
  const { log, lines } = keptLog();
  const own = {
    MUSTER_DATA_DIR: join(folder, 'data'),
    MUSTER_HTTP_PORT: String(await freePort()),
    MUSTER_AGENTS_PORT: String(await freePort()),
  };
  const config = loadConfig({ environment: { ...own, ...variables } });
  const [port, agentsPort] = [config.http.port, config.agents.port];
  const server = await startServer({ config, log, panelDir: await makePanel(folder), program: fakeProgram, ...release });
  const signIn = async () => {
    const person = new Person(port);
    await person.client.signIn({ body: { token: tokenOf(await server.signInLink()) } });
    return person;
  };
  const close = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { server, folder, port, agentsPort, lines, local: localClient(server.socketPath), signIn, close };
}

/** A server whose database a test can look into, by the store's functions and by SQL. */
export type StoreServer = TestServer & {
  readonly store: Store;
  readonly url: string;
  sql(text: string): Promise<Record<string, unknown>[]>;
};

/** A server on a database that the tests of this file share, with that database's store at hand. */
export async function openServerOnStore(variables: Record<string, string> = {}): Promise<StoreServer> {
  const { store, connection } = await withStore();
  const url = `postgresql://${connection.user}@/${connection.database}?host=${encodeURIComponent(connection.host)}`;
  return { ...(await openServer({ MUSTER_DATABASE_URL: url, ...variables })), store, url, sql: (text) => runSql(connection, text) };
}

export const tokenOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';
