/*
 * Runs on a member of a pool, as root: adds a node every tenth of a second through the server's socket, reads the list of nodes every fifth of a
 * second, and prints how each request ended, a line of JSON each. Argument: what the names of the nodes begin with. Goes on until it is ended.
 */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const prefix = process.argv[2] ?? 'written';
const socketPath = '/run/muster/muster.sock';
/** Longer than the server itself waits for its database. */
const patienceMs = 30_000;

type Answer = { readonly status: number; readonly text: string };

function ask(method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = request({ socketPath, method, path: `/api/v1${path}`, headers, timeout: patienceMs }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function write(): Promise<never> {
  for (let index = 0; ; index += 1) {
    const name = `${prefix}${index}`;
    const answer = await ask('POST', '/nodes', { name }).catch((error: unknown) => ({ status: 0, text: messageOf(error) }));
    say({ kind: 'write', name, isDone: answer.status === 201, ...(answer.status === 201 ? {} : { said: answer.text.slice(0, 200) }) });
    await sleep(100);
  }
}

type Seen = { readonly name: string; readonly health: { readonly state: string } };

async function read(): Promise<never> {
  for (;;) {
    const answer = await ask('GET', '/nodes?limit=50&filter=health:bad').catch((error: unknown) => ({ status: 0, text: messageOf(error) }));
    const isDone = answer.status === 200;
    const bad = isDone ? (JSON.parse(answer.text) as { items: Seen[] }).items.map(({ name }) => name) : [];
    say({ kind: 'read', isDone, bad, ...(isDone ? {} : { said: answer.text.slice(0, 200) }) });
    await sleep(200);
  }
}

await Promise.all([write(), read()]);
