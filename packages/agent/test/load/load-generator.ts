/*
 * The load generator: holds many real connections of agents against servers, and says how many are connected where, and how long fail-overs take.
 *   node packages/agent/test/load/load-generator.ts SERVER,SERVER,... PROCESSES < join-tokens
 * A join token a line, one for each agent. Agents begin with the servers in turn. One line of JSON for each change, until a signal comes.

 */
import { fork } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { LoadReport, type LoadEvent } from './load-report.ts';
import type { LoadWork } from './load-worker.ts';

const sayEveryMs = 250;

const servers = (process.argv[2] ?? '').split(',').filter((one) => one !== '');
const processes = Number(process.argv[3] ?? 4);
if (servers.length === 0 || !(processes >= 1)) {
  process.stderr.write('usage: load-generator.ts SERVER,SERVER,... PROCESSES < join-tokens\n');
  process.exit(2);
}
const tokens = (await text(process.stdin)).split('\n').filter((line) => line !== '');
const report = new LoadReport(tokens.length);
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

let said = '';
function sayCounts(): void {
  const counts = report.counts();
  const now = JSON.stringify(counts);
  if (now !== said) say({ atMs: Date.now(), ...counts });
  said = now;
}
setInterval(sayCounts, sayEveryMs);

for (let number = 0; number < processes; number += 1) {
  const child = fork(fileURLToPath(new URL('load-worker.ts', import.meta.url)));
  child.on('message', (event: LoadEvent) => {
    const failOver = report.apply(event);
    if (failOver === undefined) return;
    sayCounts();
    say({ failOver });
  });
  child.on('exit', (code) => process.exit(code ?? 1));
  const own = tokens.flatMap((token, index) => (index % processes === number ? [{ token, index }] : []));
  const work: LoadWork = { tokens: own, servers };
  child.send(work);
}
