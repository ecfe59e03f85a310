import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit/reachable-folder';

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');

/** A real server with three real agents, as `npm start` gives it. */
export type DemoServer = {
  readonly folder: string;
  /** The link that the demonstration prints; it signs in once. */
  readonly signInUrl: string;
  /** Ends everything and removes its folder. */
  stop(): Promise<void>;
};

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

function whatItSaid(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise<string>((resolve, reject) => {
    const note = (text: string) => {
      said += text;
      if (said.includes('Ctrl-C stops everything')) resolve(said);
    };
    child.stdout?.setEncoding('utf8').on('data', note);
    child.stderr?.setEncoding('utf8').on('data', note);
    child.on('close', () => reject(new Error(`the demonstration ended: ${said}`)));
  });
}

/** Starts a demonstration in a folder and at ports of its own. */
export async function startDemo(): Promise<DemoServer> {
  const folder = await reachableFolder();
  const env = {
    ...process.env,
    MUSTER_DATA_DIR: join(folder, '.muster'),
    MUSTER_HTTP_PORT: await freePort(),
    MUSTER_AGENTS_PORT: await freePort(),
  };
  const child = spawn(muster, ['up', '--demo', '3'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = await whatItSaid(child);
  return {
    folder,
    signInUrl: /Sign in\s+(\S+)/u.exec(said)?.[1] ?? '',
    async stop() {
      const ended = new Promise((resolve) => child.on('close', resolve));
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
