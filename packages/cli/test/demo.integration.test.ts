import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { Node } from '@muster/api';
import { reachableFolder } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');
let folder: string;

/** Ports that nothing listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listenAnywhere()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenAnywhere(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

type Demo = { readonly child: ChildProcess; readonly said: () => string };

const started: ChildProcess[] = [];

let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await reachableFolder();
  const [http, agents] = await freePorts(2);
  environment = {
    ...process.env,
    MUSTER_DATA_DIR: join(folder, '.muster'),
    MUSTER_HTTP_PORT: String(http),
    MUSTER_AGENTS_PORT: String(agents),
  };
});

afterAll(async () => {
  // A test that failed leaves its server to be stopped here.
  for (const child of started.filter((one) => one.exitCode === null)) await end({ child }, 'SIGINT');
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Starts the demonstration and waits until it says that it is up, or has ended. */
async function start(): Promise<Demo> {
  const child = spawn(muster, ['up', '--demo', '3'], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let said = '';
  await new Promise<void>((resolve) => {
    const note = (text: string) => {
      said += text;
      if (said.includes('Ctrl-C stops everything')) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', note);
    child.stderr.setEncoding('utf8').on('data', note);
    child.on('close', () => resolve());
  });
  return { child, said: () => said };
}

function end({ child }: Pick<Demo, 'child'>, signal: NodeJS.Signals): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.kill(signal);
  return ended;
}

const nodes = (): Node[] => JSON.parse(execFileSync(muster, ['nodes', '-o', 'json'], { cwd: folder, encoding: 'utf8' })) as Node[];

/** The nodes, once the certificate of each is proven: that may be a moment after its first heartbeat. */
async function provenNodes(): Promise<Node[]> {
  for (;;) {
    const found = nodes();
    if (found.every(({ certificateSerial }) => certificateSerial !== null)) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Processes that have the data folder in their command line: server's database and agents. */
const left = (): string =>
  execFileSync('sh', ['-c', 'ps -eo args | grep -F -- "$1" | grep -v -e grep -e "^\\[" || true', 'sh', folder], {
    encoding: 'utf8',
  }).trim();

describe('npm start', () => {
  it('brings up three good nodes, stops cleanly on Ctrl-C, and finds its state again', async () => {
    const first = await start();
    expect(first.said()).toContain('Muster is up with 3 nodes of its own');
    expect(first.said()).toContain(`State    ${join(folder, '.muster')}`);
    expect(first.said()).toMatch(/Sign in {2}http:\/\/localhost:\d+\/sign-in#token=\w+/u);
    const before = await provenNodes();
    expect(before.map(({ name, health, facts }) => [name, health.state, facts?.hostname])).toEqual(
      [1, 2, 3].map((i) => [`demo-${i}`, 'good', `demo-${i}`]),
    );
    expect(await end(first, 'SIGINT')).toBe(0);
    expect(first.said()).toContain('Stopped.');
    expect(left()).toBe('');

    const second = await start();
    expect(nodes().map(({ id, certificateSerial }) => [id, certificateSerial])).toEqual(
      before.map(({ id, certificateSerial }) => [id, certificateSerial]),
    );
    expect(await end(second, 'SIGTERM')).toBe(0);
    expect(left()).toBe('');
  }, 120_000);

  it('says in one line which port is taken, and what to do', async () => {
    const server = await listenAnywhere();
    const port = String((server.address() as AddressInfo).port);
    environment = { ...environment, MUSTER_AGENTS_PORT: port };
    const demo = await start();
    await new Promise((resolve) => server.close(resolve));
    expect(demo.child.exitCode).toBe(1);
    expect(demo.said()).toMatch(new RegExp(`error: Port ${port} on 127\\.0\\.0\\.1 for agents cannot be opened: .*agents\\.port`, 'u'));
    expect(demo.said()).not.toMatch(/\n\s+at /u);
    expect(left()).toBe('');
  }, 60_000);
});
