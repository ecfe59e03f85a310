import { decideDrain, type Log } from '@muster/core';
import type { DrainSubject, Store } from '@muster/store';
import type { WorkPort } from './work-port.ts';

export type AdministrationLoopParts = {
  readonly store: Pick<Store, 'administration'>;
  /** Everyone who may know of work on nodes. */
  readonly work: readonly WorkPort[];
  readonly log: Log;
};

const tickMs = 1000;

/**
 * Ends what people decided for a time: maintenance whose end has come, and drains on whose nodes nothing runs any more. All of it is in the
 * store, by the database's clock; nothing is kept here, so any process may die and the next goes on.
 */
export class AdministrationLoop {
  readonly #parts: AdministrationLoopParts;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(parts: AdministrationLoopParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#run(), tickMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tick;
  }

  /** One round: observe, decide, act. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    await this.#parts.store.administration.endDueMaintenance();
    await this.#drains();
  }

  #run(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#tick = this.tick()
      .catch((error: unknown) =>
        this.#parts.log.warn({ error: String(error) }, 'maintenance and drains could not be looked at; tried again in a second'),
      )
      .finally(() => {
        this.#busy = false;
      });
  }

  async #drains(): Promise<void> {
    const { administration } = this.#parts.store;
    const subjects = await administration.draining();
    if (subjects.length === 0) return;
    const work = await this.#workOn(subjects);
    const decided = subjects.map((subject) => ({
      subject,
      decision: decideDrain(subject.name, { ...subject, work: work.get(subject.id) ?? [] }),
    }));
    const drained = decided.filter(({ decision }) => decision.next === 'drained').map(({ subject }) => subject.id);
    if (drained.length > 0) await administration.finishDrains(drained);
    for (const { subject, decision } of decided) if (decision.next === 'late') await administration.tellLate(subject.id, decision.message);
  }

  /** What all together know of. One who cannot say anything keeps every drain waiting: silence is not the end of work. */
  async #workOn(subjects: readonly DrainSubject[]): Promise<Map<string, string[]>> {
    const ids = subjects.map(({ id }) => id);
    const known = await Promise.all(this.#parts.work.map((port) => port.workOn(ids)));
    return new Map(ids.map((id) => [id, known.flatMap((one) => one.get(id) ?? [])]));
  }
}
