import type { Facts, Gpu } from '@muster/api/agent';
import { messageOf } from '../agent-error.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { assembleFacts, collectQuickFacts, collectSlowFacts, type QuickFacts, type SlowFacts } from './collect-facts.ts';
import { readGpus } from './gpus.ts';
import type { FactSources } from './sources.ts';

const intervalMs = 60_000;
/** Every which reading takes in what is slow to read: every five minutes. */
const slowEvery = 5;

export type FactWatcherParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly sources: FactSources;
  /** What to say instead of the machine's own host name. */
  readonly hostname?: string | undefined;
  /** Called with the whole picture after every reading, whether or not it changed. */
  readonly onFacts: (facts: Facts) => void;
};

/**
 * Reads the facts again and again: names and addresses every minute, the rest every five. Nothing is handed on before the
 * first complete reading, so that no server takes a machine for one without GPUs because their driver was slow to answer.
 */
export class FactWatcher {
  readonly #parts: FactWatcherParts;
  #quick: QuickFacts | undefined;
  #slow: SlowFacts | undefined;
  #gpus: readonly Gpu[] = [];
  #readings = 0;
  #cancel: Cancel = () => undefined;
  #stopped = false;

  constructor(parts: FactWatcherParts) {
    this.#parts = parts;
  }

  /** Resolves after the first complete reading. */
  async start(): Promise<void> {
    await this.#read();
    if (!this.#stopped) this.#cancel = this.#parts.clock.after(intervalMs, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #read(): Promise<void> {
    try {
      this.#quick = collectQuickFacts(this.#parts.hostname);
      if (this.#readings % slowEvery === 0) await this.#readSlow();
      this.#readings += 1;
    } catch (error) {
      this.#parts.log.error('cannot read the facts of this machine, they are reported as before', { reason: messageOf(error) });
    }
    if (this.#stopped || this.#quick === undefined || this.#slow === undefined) return;
    this.#parts.onFacts(assembleFacts(this.#quick, this.#slow, this.#gpus));
  }

  async #readSlow(): Promise<void> {
    const { sources, log } = this.#parts;
    const [slow, reading] = await Promise.all([collectSlowFacts(sources), readGpus(sources)]);
    if ('gpus' in reading) this.#gpus = reading.gpus;
    else log.warn('nvidia-smi gave no answer, GPUs are reported as before', { reason: reading.failure });
    this.#slow = slow;
  }
}
