import type { Clock } from '@muster/core';
import type { AdministrationTable, DrainSubject } from '@muster/store';

type Drain = { readonly deadlineMs: number | null; told: boolean };

/** Drains and maintenance in memory, by a fake clock in place of the database's; fails while told to. Acting on nodes is the store's own test. */
export class FakeAdministration implements Pick<
  AdministrationTable,
  'endDueMaintenance' | 'draining' | 'openTasks' | 'finishDrains' | 'tellLate'
> {
  /** Set to make every call fail. */
  failure: Error | undefined;
  readonly drained: string[] = [];
  readonly told: string[] = [];
  readonly ended: string[] = [];
  /** Open tasks by node. */
  readonly tasks = new Map<string, number>();
  readonly #clock: Clock;
  readonly #drains = new Map<string, Drain>();
  readonly #maintenance = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  drain(name: string, deadlineSeconds: number | null = null): void {
    this.#drains.set(name, {
      deadlineMs: deadlineSeconds === null ? null : this.#clock.monotonicMs() + deadlineSeconds * 1000,
      told: false,
    });
  }

  maintain(name: string, seconds: number): void {
    this.#maintenance.set(name, this.#clock.monotonicMs() + seconds * 1000);
  }

  async endDueMaintenance(): Promise<string[]> {
    await this.#answer();
    const due = [...this.#maintenance].filter(([, untilMs]) => untilMs <= this.#clock.monotonicMs()).map(([name]) => name);
    for (const name of due) this.#maintenance.delete(name);
    this.ended.push(...due);
    return due;
  }

  async draining(): Promise<DrainSubject[]> {
    await this.#answer();
    const left = ({ deadlineMs }: Drain) => (deadlineMs === null ? null : (deadlineMs - this.#clock.monotonicMs()) / 1000);
    return [...this.#drains].map(([name, drain]) => ({ id: name, name, told: drain.told, deadlineLeftSeconds: left(drain) }));
  }

  async openTasks(nodeIds: readonly string[]): Promise<Map<string, number>> {
    await this.#answer();
    return new Map([...this.tasks].filter(([name, count]) => nodeIds.includes(name) && count > 0));
  }

  async finishDrains(nodeIds: readonly string[]): Promise<void> {
    await this.#answer();
    for (const id of nodeIds) if (this.#drains.delete(id)) this.drained.push(id);
  }

  async tellLate(nodeId: string, message: string): Promise<void> {
    await this.#answer();
    const drain = this.#drains.get(nodeId);
    if (drain === undefined || drain.told) return;
    drain.told = true;
    this.told.push(message);
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
  }
}
