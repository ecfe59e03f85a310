import { randomUUID } from 'node:crypto';
import { problem, type ProvisionRun, type ProvisionRunSummary, type RunStart } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { Store } from '@muster/store';
import type { ControlKeyRing } from '../agents/control-key.ts';
import type { Inventories, InventoryToRun } from './inventories.ts';
import { planRun } from './plan-run.ts';
import { choiceOptions, runArguments } from './run-arguments.ts';
import type { RunFolders } from './run-folder.ts';
import type { RunProgram } from './run-program.ts';
import { RunWriter } from './run-writer.ts';
import { StartedRun } from './started-run.ts';

export type RunDeskParts = {
  readonly store: Pick<Store, 'serverRuns' | 'runs'>;
  readonly inventories: Pick<Inventories, 'toRun'>;
  readonly folders: RunFolders;
  readonly program: RunProgram;
  readonly keys: Pick<ControlKeyRing, 'key'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
  /** Name of this machine, for those who read where a run was executed. */
  readonly machine: string;
  /** So many runs at a time. */
  readonly atOnce: number;
};

/** A run that was asked to end has so long for what is under way; a server that stops waits less. */
const patience = { cancelMs: 120_000, stopMs: 10_000 };

/** Starts runs as programs of their own, and ends them. */
export class RunDesk {
  readonly #parts: RunDeskParts;
  readonly #patience: typeof patience;
  /** Runs that go on, each with what resolves when it is written down how it ended. */
  readonly #going = new Map<StartedRun, Promise<void>>();
  readonly #writers = new Set<RunWriter>();
  #starting = 0;
  #isStopped = false;

  constructor(parts: RunDeskParts, times: typeof patience = patience) {
    this.#parts = parts;
    this.#patience = times;
  }

  /** Before the first run: what a server that was killed has left is written down as interrupted. */
  async open(): Promise<void> {
    const { store, folders, serverId, log } = this.#parts;
    await folders.removeAll();
    const count = await store.serverRuns.interruptLeftOver(
      serverId,
      'The server was stopped or killed while it ran. Start it again: it goes on where it ended.',
    );
    if (count > 0) log.warn({ count }, 'runs of apply that this server executed were cut off when it ended');
  }

  /**
   * Starts a run in the name of `by`; resolves when its program was started.
   * @throws ProblemError where it could not begin, RunInProgress, InventoryNotFound
   */
  async start(wanted: RunStart, by: string): Promise<ProvisionRunSummary> {
    const { atOnce } = this.#parts;
    if (this.#isStopped) throw problem('not-possible-now', 'The server is stopping. Start the run when it is there again.');
    if (this.#going.size + this.#starting >= atOnce)
      throw problem(
        'not-possible-now',
        `${atOnce === 1 ? 'A run goes' : `${atOnce} runs go`} on, and this server executes no more at a time. Wait for an end, or cancel one.`,
      );
    this.#starting += 1;
    try {
      return await this.#begin(wanted, by);
    } finally {
      this.#starting -= 1;
    }
  }

  async #begin(wanted: RunStart, by: string): Promise<ProvisionRunSummary> {
    const { store, inventories, clock, log, serverId, machine } = this.#parts;
    const found = await inventories.toRun(wanted.inventory);
    const hosts = hostsFor(wanted, found);
    const inventory = { name: wanted.inventory, version: found.version, sha256: found.sha256 };
    const options = ['-i', wanted.inventory, ...choiceOptions(wanted)];
    const writer = new RunWriter(store, log);
    const beginning = { id: randomUUID(), command: 'apply', by, machine, options, hosts, inventory, nowMs: () => clock.wallMs() } as const;
    const run = new StartedRun(beginning, writer);
    writer.whenTakenAway(() => run.interrupt('The other servers held this one to be gone.'));
    await store.serverRuns.begin({ ...run.now(), inventory }, serverId);
    const over = this.#execute(run, wanted, found).finally(() => {
      this.#going.delete(run);
      this.#writers.delete(writer);
    });
    this.#going.set(run, over);
    this.#writers.add(writer);
    return summaryOf(run.now());
  }

  /** From the folder to the end of the program. Never rejects: whatever is wrong is how the run ended. */
  async #execute(run: StartedRun, wanted: RunStart, { inventory, ways }: InventoryToRun): Promise<void> {
    const { folders, program, keys, log } = this.#parts;
    try {
      const { privateKeyPem } = await keys.key();
      const folder = await folders.make(run.id, { inventory, ways, privateKeyPem });
      await run.follow(program.start(runArguments(wanted), folder, (line) => run.hear(line)));
    } catch (error) {
      log.error({ runId: run.id, error: String(error) }, 'a run could not be executed');
      await run.end({ exitCode: null, said: error instanceof Error ? error.message : String(error) });
    } finally {
      await folders
        .remove(run.id)
        .catch((error: unknown) => log.error({ runId: run.id, error: String(error) }, 'the folder of a run stays'));
    }
  }

  /** Ends a run in the name of `by`. @throws RunNotFound, ProblemError for one that does not go on here */
  async cancel(id: string, by: string): Promise<ProvisionRunSummary> {
    const run = [...this.#going.keys()].find((one) => one.id === id);
    if (run === undefined) throw notHere(await this.#parts.store.runs.get(id));
    run.interrupt(`Cancelled by ${by}.`);
    const over = this.#going.get(run) ?? Promise.resolve();
    void this.#within(over, this.#patience.cancelMs).then((isOver) => (isOver ? undefined : run.kill()));
    return summaryOf(run.now());
  }

  /** Ends all runs, because the server stops. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const runs = [...this.#going];
    for (const [run] of runs) run.interrupt('The server was stopped while it ran. Start it again: it goes on where it ended.');
    const over = Promise.all(runs.map(([, one]) => one));
    if (await this.#within(over, this.#patience.stopMs)) return;
    for (const [run] of runs) run.kill();
    if (await this.#within(over, this.#patience.stopMs)) return;
    for (const writer of this.#writers) writer.giveUp();
  }

  /** Whether it was over in time. */
  async #within(over: Promise<unknown>, ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
      timer.unref();
    });
    return await Promise.race([over.then(() => true), late]).finally(() => clearTimeout(timer));
  }
}

/** The hosts of a run. @throws ProblemError that names each host to which there is no way: no run does less than was asked */
function hostsFor(wanted: RunStart, { inventory, ways }: InventoryToRun): readonly string[] {
  const { hosts, unreachable } = planRun(inventory, wanted, ways);
  if (unreachable.length === 0) return hosts;
  const shown = unreachable.slice(0, 5).map(({ host, reason }) => `${host}: ${reason}`);
  const more = unreachable.length > shown.length ? ` And ${unreachable.length - shown.length} more.` : '';
  const errors = unreachable.map(({ host, reason }) => ({ path: host, message: reason }));
  throw problem(
    'not-possible-now',
    `Nothing was started, because the server cannot work on every host as root. ${shown.join('. ')}.${more}`,
    errors,
  );
}

const summaryOf = ({ hosts: _hosts, phases: _phases, ...summary }: ProvisionRun): ProvisionRunSummary => summary;

function notHere(run: ProvisionRun) {
  if (run.state !== 'running') return problem('not-possible-now', `The run is ${run.state} already.`);
  return problem('not-possible-now', `The run goes on on ${run.machine}, and can only be ended there.`);
}
