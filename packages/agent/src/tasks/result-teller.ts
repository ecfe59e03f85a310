import type { AgentMessage } from '@muster/api/agent';
import type { Cancel, Clock } from '../clock.ts';
import type { TaskResult } from './task-handler.ts';
import type { TaskJournal } from './task-journal.ts';

export type ResultTellerParts = {
  readonly clock: Clock;
  readonly journal: TaskJournal;
  /** False when there is no connection; the next welcome then goes on. */
  readonly send: (message: AgentMessage) => boolean;
};

/** After this long without an answer the next result has its turn. */
const patienceMs = 20_000;

/** What is left of a record that cannot be read any more. */
const damaged: TaskResult = {
  outcome: 'unknown',
  message: 'It was done or begun here, and the record of that is damaged.',
  exitStatus: null,
  output: '',
  truncated: false,
  durationMs: null,
};

/**
 * Tells the server how tasks ended, one after the other, each until the server says that it has it: so an agent that was away for long
 * does not flood its server, and a result that gets no answer does not hold up the others.
 */
export class ResultTeller {
  readonly #parts: ResultTellerParts;
  readonly #pending = new Set<string>();
  #asked: string | undefined;
  #cancel: Cancel = () => undefined;

  constructor(parts: ResultTellerParts) {
    this.#parts = parts;
  }

  /** The task has ended, or its result is asked for again. */
  tell(id: string): void {
    this.#pending.add(id);
    void this.#next();
  }

  /** The server has it. */
  recorded(id: string): void {
    this.#pending.delete(id);
    if (this.#asked === id) this.#settle();
    void this.#next();
  }

  /** A server that may know nothing yet is listening. */
  welcomed(): void {
    this.#settle();
    void this.#next();
  }

  stop(): void {
    this.#cancel();
  }

  #settle(): void {
    this.#cancel();
    this.#asked = undefined;
  }

  async #next(): Promise<void> {
    const { clock, journal, send } = this.#parts;
    const [id] = this.#pending;
    if (this.#asked !== undefined || id === undefined) return;
    this.#asked = id;
    const result = (await journal.resultOf(id)) ?? damaged;
    if (this.#asked !== id) return;
    if (send({ type: 'task-result', id, ...result })) this.#cancel = clock.after(patienceMs, () => this.#later(id));
    else this.#asked = undefined;
  }

  #later(id: string): void {
    this.#asked = undefined;
    if (this.#pending.delete(id)) this.#pending.add(id);
    void this.#next();
  }
}
