import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * Three Muster servers on this machine and one database, with real connections of agents held by the load generator. One server is ended, and
 * the time counts until all its agents are welcome at the others. Usage: node bench/agents-failover.ts [AGENTS] [PROCESSES] [SIGNAL]
 */

const [agents = 1000, processes = 4] = process.argv.slice(2, 4).map(Number);
const signal = (process.argv[4] ?? 'SIGKILL') as NodeJS.Signals;
const root = join(import.meta.dirname, '..');
const startMs = 300_000;
const portOf = (number: number, door: 'http' | 'agents'): number => 17_400 + number * 10 + (door === 'http' ? 0 : 1);
const servers = [1, 2, 3].map((number) => `127.0.0.1:${portOf(number, 'agents')}`);
const children: ChildProcess[] = [];
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'muster-failover-'));
// The user of the embedded database must reach it too.
await chmod(folder, 0o755);
const dataOf = (number: number): string => join(folder, `member${number}`);

/** One request at the socket of the first server. */
function ask(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath: join(dataOf(1), 'muster.sock'), method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function startMember(number: number): Promise<ChildProcess> {
  await mkdir(dataOf(number), { recursive: true });
  if (number > 1) await copyFile(join(dataOf(1), 'master.key'), join(dataOf(number), 'master.key'));
  const url = `postgresql://muster@/muster?host=${encodeURIComponent(join(dataOf(1), 'postgres', 'socket'))}`;
  const config = {
    dataDir: dataOf(number),
    http: { port: portOf(number, 'http') },
    agents: { port: portOf(number, 'agents'), addresses: servers, joinTokenMinutes: 600 },
    ...(number > 1 ? { database: { url } } : {}),
  };
  const path = join(folder, `member${number}.yaml`);
  await writeFile(path, JSON.stringify(config));
  const child = spawn(process.execPath, [join(root, 'packages/cli/src/main.ts'), 'up', '--config', path], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  const endMs = performance.now() + startMs;
  while (!(await answers(portOf(number, 'http')))) {
    if (child.exitCode !== null || performance.now() > endMs) throw new Error(`server ${number} does not start`);
    await sleep(500);
  }
  return child;
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/api/v1/openapi.json`).then(
    () => true,
    () => false,
  );

async function makeTokens(): Promise<string> {
  const tokens: string[] = [];
  for (let number = 1; number <= agents; number += 1) {
    const name = `load${number}`;
    const added = await ask('POST', '/api/v1/nodes', { name });
    const { status, text } = await ask('POST', `/api/v1/nodes/${name}/join-tokens`, {});
    if (status >= 300) throw new Error(`${name}: ${added.status} ${added.text} ${status} ${text}`);
    tokens.push((JSON.parse(text) as { token: string }).token);
  }
  return tokens.join('\n');
}

type Said = { none?: number; servers?: Record<string, number>; failOver?: Record<string, number> & { lastWelcomeAtMs: number } };

try {
  say('three servers on one database ...');
  await startMember(1);
  const [victim] = [await startMember(2), await startMember(3)];
  say(`${agents} nodes and join tokens ...`);
  const tokens = await makeTokens();
  const generator = join(root, 'packages/agent/test/load/load-generator.ts');
  const load = spawn(process.execPath, [generator, servers.join(','), String(processes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(load);
  load.stdin.end(tokens);
  let endedAtMs: number | undefined;
  for await (const line of createInterface({ input: load.stdout })) {
    const { none, servers: counts, failOver } = JSON.parse(line) as Said;
    if (counts !== undefined) say(`  ${JSON.stringify(counts)}, ${none} without a server`);
    if (none === 0 && endedAtMs === undefined) {
      // Only a connection that has held for a while is one to be missed.
      await sleep(8000);
      endedAtMs = Date.now();
      victim?.kill(signal);
      say(`${signal} to the server at ${servers[1]}`);
    }
    if (failOver !== undefined && endedAtMs !== undefined) {
      const { agents: moved, medianMs, p95Ms, maxMs, lastWelcomeAtMs } = failOver;
      say(
        `${moved} agents: ${((lastWelcomeAtMs - endedAtMs) / 1000).toFixed(2)} s from the end of the server until the last was on another`,
      );
      say(`  each without a server: median ${medianMs} ms, 95 of 100 within ${p95Ms} ms, longest ${maxMs} ms`);
      break;
    }
  }
} finally {
  const ended = children.filter((child) => child.exitCode === null && child.signalCode === null).map((child) => once(child, 'exit'));
  for (const child of children.toReversed()) {
    child.kill('SIGCONT');
    child.kill('SIGTERM');
  }
  await Promise.race([Promise.all(ended), sleep(60_000)]);
  await rm(folder, { recursive: true, force: true });
}
