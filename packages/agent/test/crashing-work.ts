/* Does a task about an environment in a process of its own, and dies by kill -9 at the beginning of a step: what a test starts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentPaths } from '../src/environments/disk/environment-paths.ts';
import { findUsers } from '../src/environments/disk/processes.ts';
import { performTask } from '../src/environments/perform-task.ts';
import { readEnvironmentTask } from '../src/environments/read-environment-task.ts';
import { IdentityStore } from '../src/state/identity-store.ts';

type Wish = {
  task: unknown;
  root: string;
  stateDir: string;
  servers: string[];
  program: [string, ...string[]];
  dieAt: string;
  dieAfterMs?: number;
};

const wish = JSON.parse(process.argv[2] ?? '') as Wish;
const task = readEnvironmentTask(wish.task);
const identity = await new IdentityStore(wish.stateDir).current();
if (task === undefined || identity === undefined) throw new Error('no task');
const die = (): void => void process.kill(process.pid, 'SIGKILL');
await performTask(task, {
  paths: environmentPaths(wish.root),
  fetch: {
    servers: wish.servers,
    identity: () => Promise.resolve(identity),
    now: () => new Date(),
    wait: (ms) => sleep(ms),
    random: Math.random,
  },
  user: undefined,
  program: wish.program,
  signal: new AbortController().signal,
  findUsers,
  sync: () => Promise.resolve(),
  onStep: (step) => {
    if (step !== wish.dieAt) return;
    if (wish.dieAfterMs === undefined) die();
    else setTimeout(die, wish.dieAfterMs);
  },
});
