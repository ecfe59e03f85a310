import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { type Client, createClient } from '@muster/api';
import type { RunningServer } from '@muster/server';
import { CliError } from '../../cli-error.ts';
import { unixFetch } from '../../client/unix-fetch.ts';
import { findLayout } from '../../layout.ts';
import { type DemoAgent, startDemoAgent, stopDemoAgent } from './demo-agent.ts';

const goodWithinMs = 60_000;

/** Runs the demonstration's agents beside a server until `ended` resolves, or rejects because the server cannot go on, and stops them again. */
export async function runDemo(server: RunningServer, count: number, ended: Promise<unknown>): Promise<void> {
  const { agentProgram } = findLayout();
  if (agentProgram === undefined)
    throw new CliError('The demonstration runs from a checkout only: this release brings no agent beside the server.');
  const client = createClient('', unixFetch(server.socketPath));
  const agents: DemoAgent[] = [];
  let over = false;
  const end = ended.finally(() => {
    over = true;
  });
  end.catch(() => undefined);
  try {
    for (let i = 1; i <= count && !over; i++) {
      process.stderr.write(`  agent ${i} of ${count}\n`);
      agents.push(await startDemoAgent(`demo-${i}`, { client, program: agentProgram, demoDir: join(server.dataDir, 'demo') }));
    }
    await Promise.race([end, untilGood(client, count, () => over)]);
    if (!over) process.stdout.write(await welcome(server, count));
    await Promise.race([end, firstDeath(agents, () => over)]);
  } finally {
    over = true;
    await Promise.all(agents.map(stopDemoAgent));
  }
}

async function untilGood(client: Client, count: number, over: () => boolean): Promise<void> {
  const startedMs = performance.now();
  let shown = -1;
  while (!over()) {
    const { total } = await client.listNodes({ query: { filter: ['group:demo', 'health:good'], limit: 1 } });
    if (total !== shown) process.stderr.write(`  ${total} of ${count} nodes good\n`);
    shown = total;
    if (total >= count) return;
    if (performance.now() - startedMs > goodWithinMs) {
      process.stderr.write('  Not all nodes are good yet; "bin/muster nodes" says why.\n');
      return;
    }
    await sleep(250);
  }
}

async function welcome(server: RunningServer, count: number): Promise<string> {
  return `
  Muster is up with ${count} nodes of its own, on this machine.

  Panel    ${server.panelUrl}
  Sign in  ${await server.signInLink()}
           (once, within 15 minutes; a new one: bin/muster sign-in-link)
  Nodes    bin/muster nodes        in another terminal, in this folder
  State    ${server.dataDir}

  Ctrl-C stops everything; a second start goes on where this one ended.
`;
}

function firstDeath(agents: readonly DemoAgent[], over: () => boolean): Promise<void> {
  return new Promise((_resolve, reject) => {
    for (const { name, process: child } of agents) {
      child.once('exit', (code, signal) => {
        if (!over())
          process.stderr.write(
            `  The agent of ${name} ended (${signal ?? `exit status ${code}`}); its node turns bad. Start again to bring it back.\n`,
          );
      });
      child.once('error', reject);
    }
  });
}
