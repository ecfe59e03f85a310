import { hostname } from 'node:os';
import type { ControlKeyRing } from '../agents/control-key.ts';
import { Inventories } from '../runs/inventories.ts';
import { RunDesk } from '../runs/run-desk.ts';
import { RunFolders } from '../runs/run-folder.ts';
import { installedProgram } from '../runs/run-program.ts';
import type { Shutdown } from '../shutdown.ts';
import type { Foundation } from './foundation.ts';

/** What this server needs to execute runs of apply by itself. */
export type Runs = { readonly inventories: Inventories; readonly runDesk: RunDesk };

/** `program` is the muster command beside this server, unless the configuration names another. Runs are ended by `shutdown`. @throws StoreUnavailable */
export async function makeRuns(
  { config, store, clock, log, dataDir, serverId }: Foundation,
  keys: ControlKeyRing,
  program: string,
  shutdown: Shutdown,
): Promise<Runs> {
  const inventories = new Inventories(store);
  const runDesk = new RunDesk({
    store,
    inventories,
    folders: new RunFolders(dataDir),
    program: installedProgram(config.runs.program ?? program),
    keys,
    clock,
    log,
    serverId,
    machine: hostname(),
    atOnce: config.runs.atOnce,
  });
  await runDesk.open();
  shutdown.add('runs of apply', () => runDesk.stop());
  return { inventories, runDesk };
}
