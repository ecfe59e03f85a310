import type { ProvisionRun } from '@muster/api';
import { forServer, type RunBeginning, type RunRecord } from '@muster/core';
import type { RunReporter, RunResult, ServerAtEnd } from '@muster/provision';
import { oneLine } from '../output/printable.ts';
import { runFolder, writeRun } from './run-folder.ts';
import { recording, recordOfHere } from './run-record.ts';

/** How a run ended. */
export function endOf(signal: AbortSignal, { failures }: Pick<RunResult, 'failures'>): ProvisionRun['state'] {
  if (signal.aborted) return 'interrupted';
  return failures.size === 0 ? 'done' : 'failed';
}

/**
 * Keeps a run on this machine while it goes, and on the server when it is over. That it cannot be kept is said once, and stops nothing.
 */
export class RunKeeper {
  readonly #record: RunRecord;
  readonly #folder: string;
  #written: Promise<void> = Promise.resolve();
  #hasComplained = false;

  constructor(beginning: Omit<RunBeginning, 'id' | 'by' | 'machine'>, folder = runFolder(process.env)) {
    this.#record = recordOfHere(beginning);
    this.#folder = folder;
    this.#write('running');
  }

  /** The reporter that both hear. */
  hearing(shown: RunReporter): RunReporter {
    return recording(this.#record, shown, () => this.#write('running'));
  }

  /** Tells the server of a run that is over but for that. */
  async tellServer(server: Pick<ServerAtEnd, 'muster'>, state: ProvisionRun['state']): Promise<void> {
    const run = forServer(this.#record.now(state));
    await server.muster(['runs', 'keep', '-'], JSON.stringify(run)).catch((error: unknown) => this.#complain('on the server', error));
  }

  async end(state: ProvisionRun['state']): Promise<void> {
    this.#write(state);
    await this.#written;
  }

  /** One after the other, so that the last one stays. */
  #write(state: ProvisionRun['state']): void {
    const run = { ...this.#record.now(state), process: process.pid };
    this.#written = this.#written
      .then(() => writeRun(this.#folder, run))
      .catch((error: unknown) => this.#complain(`in ${this.#folder}`, error));
  }

  #complain(where: string, error: unknown): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    process.stderr.write(`warning: the run cannot be kept ${where}: ${oneLine(error instanceof Error ? error.message : String(error))}\n`);
  }
}

/** In place of a keeper where a run is not to be kept, because whoever starts it keeps account himself. */
const forgetful: Pick<RunKeeper, 'hearing' | 'tellServer' | 'end'> = {
  hearing: (shown) => shown,
  tellServer: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/** What keeps a run, or does not. */
export const keeperOf = (isKept: boolean, beginning: ConstructorParameters<typeof RunKeeper>[0]): typeof forgetful =>
  isKept ? new RunKeeper(beginning) : forgetful;
