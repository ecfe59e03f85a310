/*
 * Kills server and database in turn while a writer writes, and counts what is left. Run it by itself:
 *   node packages/store/test/kill-loop.ts [rounds]
 * The writer is a process of its own (kill-loop-writer.ts) with the embedded database as its child, as the real server has it. A write
 * counts as acknowledged once its line has come out of the writer, which prints it after the commit.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openStore, startEmbeddedPostgres } from '../src/index.ts';
import { processesIn } from '../src/embedded/leftover.ts';

/** What a round kills: the server alone (its database stays behind), the database alone, or both (as when the machine stops). */
const victims = ['server', 'database', 'both'] as const;
type Victim = (typeof victims)[number];

export type KillLoopFigures = {
  rounds: number;
  /** Rounds by what was killed. */
  killed: Record<Victim, number>;
  acknowledged: number;
  /** Acknowledged and not there afterwards. */
  lost: number;
  /** Written in part: a node without its event or the other way round, or only half of a pair. */
  half: number;
  /** Committed, but killed before it was acknowledged: allowed. */
  unacknowledged: number;
  seconds: number;
  /** From the kill to the next acknowledged write, milliseconds. */
  recoveryMs: { median: number; longest: number };
};

type Writer = { readonly process: ChildProcess; readonly exited: Promise<unknown>; nextAck(): Promise<void> };

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function startWriter(dataDir: string, run: number, acknowledged: Set<string>): Writer {
  const program = fileURLToPath(new URL('kill-loop-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataDir, String(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let waiting = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    acknowledged.add(line);
    waiting.resolve();
    waiting = Promise.withResolvers<void>();
  });
  return { process: child, exited: once(child, 'close'), nextAck: () => waiting.promise };
}

/** The postmaster first, then all that it leaves, so that nothing can finish what it was doing. */
async function killDatabase(dataDir: string): Promise<void> {
  const pids = (await processesIn(join(dataDir, 'data'))).toSorted((a, b) => a - b);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
}

async function killLoopFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-kill-'));
  // The database's own user must reach it too.
  await chmod(folder, 0o755);
  return folder;
}

async function count(dataDir: string, acknowledged: ReadonlySet<string>) {
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  const store = await openStore({ connection: postgres.connection, log: silent });
  const nodes = new Set<string>();
  for (let offset = 0; ; offset += 1000) {
    const { items } = await store.nodes.list({ sort: [{ key: 'createdAt', descending: false }], filters: [], limit: 1000, offset });
    for (const node of items) nodes.add(node.name);
    if (items.length === 0) break;
  }
  const announced: string[] = [];
  for (let after = 0; ;) {
    const page = await store.events.list({ after, limit: 1000 });
    announced.push(...page.filter((event) => event.kind === 'node-added').map((event) => String(event.nodeName)));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  await store.close();
  await postgres.stop();
  const events = new Set(announced);
  const lost = [...acknowledged].filter((name) => !nodes.has(name)).length;
  const unannounced = [...nodes].filter((name) => !events.has(name)).length;
  const unfounded = [...events].filter((name) => !nodes.has(name)).length;
  const half = unannounced + unfounded + (announced.length - events.size);
  return { lost, half, unacknowledged: nodes.size - [...acknowledged].filter((name) => nodes.has(name)).length };
}

/** Runs the loop, what is killed in turn. */
export async function killLoop(rounds: number, say: (line: string) => void = () => undefined): Promise<KillLoopFigures> {
  const folder = await killLoopFolder();
  const dataDir = join(folder, 'postgres');
  const begin = performance.now();
  const acknowledged = new Set<string>();
  const recoveries: number[] = [];
  const killed: Record<Victim, number> = { server: 0, database: 0, both: 0 };
  let run = 1;
  let writer = startWriter(dataDir, run, acknowledged);
  try {
    await writer.nextAck();
    for (let round = 0; round < rounds; round += 1) {
      await sleep(randomInt(0, 120));
      const killedAt = performance.now();
      const victim = victims[round % victims.length] ?? 'both';
      killed[victim] += 1;
      if (victim !== 'database') writer.process.kill('SIGKILL');
      if (victim !== 'server') await killDatabase(dataDir);
      if (victim !== 'database') {
        await writer.exited;
        run += 1;
        writer = startWriter(dataDir, run, acknowledged);
      }
      await Promise.race([writer.nextAck(), writer.exited.then(() => Promise.reject(new Error('the writer ended by itself')))]);
      recoveries.push(performance.now() - killedAt);
      say(`round ${round + 1}: ${acknowledged.size} writes acknowledged`);
    }
    writer.process.kill('SIGKILL');
    await writer.exited;
    const result = await count(dataDir, acknowledged);
    const sorted = recoveries.toSorted((a, b) => a - b).map(Math.round);
    return {
      rounds,
      killed,
      acknowledged: acknowledged.size,
      ...result,
      seconds: Math.round((performance.now() - begin) / 100) / 10,
      recoveryMs: { median: sorted[Math.floor(sorted.length / 2)] ?? 0, longest: sorted.at(-1) ?? 0 },
    };
  } finally {
    writer.process.kill('SIGKILL');
    await killDatabase(dataDir);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (import.meta.filename === process.argv[1]) {
  const figures = await killLoop(Number(process.argv[2] ?? 50), (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
  process.exitCode = figures.lost + figures.half === 0 ? 0 : 1;
}
