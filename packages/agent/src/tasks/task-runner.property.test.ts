import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settle } from '../../test/fake-clock.ts';
import { TaskBench } from '../../test/task-bench.ts';
import { waitFor } from '../../test/wait-for.ts';

/** What a server, a network and a power cut may do to an agent with three tasks. */
const act = fc.oneof(
  fc.record({ do: fc.constant('give' as const), task: fc.nat(2), within: fc.constantFrom(60, 0) }),
  fc.record({ do: fc.constant('cancel' as const), task: fc.nat(2) }),
  fc.record({ do: fc.constant('recorded' as const), task: fc.nat(2) }),
  fc.record({ do: fc.constantFrom('cut' as const, 'heal' as const, 'kill' as const), task: fc.constant(0) }),
);
type Act = { readonly do: 'give' | 'cancel' | 'recorded' | 'cut' | 'heal' | 'kill'; readonly task: number; readonly within?: number };

/** An agent over all its lives, and everything that it did and said. */
class Lives {
  readonly ids = [randomUUID(), randomUUID(), randomUUID()];
  readonly runs: string[] = [];
  #bench: TaskBench;

  constructor(bench: TaskBench) {
    this.#bench = bench;
  }

  readonly #said = new Map<string, Set<string>>();

  outcomesOf(id: string): readonly string[] {
    return [...(this.#said.get(id) ?? [])];
  }

  async play({ do: what, task, within }: Act): Promise<void> {
    const id = this.ids[task] ?? '';
    const { runner } = this.#bench;
    if (what === 'give') this.#bench.give('quick', { id, beginWithinSeconds: within ?? 60 });
    else if (what === 'cancel') runner.received({ type: 'cancel-task', id });
    else if (what === 'recorded' && this.outcomesOf(id).length > 0) runner.received({ type: 'task-recorded', id });
    else if (what === 'cut') this.#bench.connected = false;
    else if (what === 'heal') this.#heal();
    else if (what === 'kill') return this.#kill();
    await settle();
    this.#gather();
  }

  /** Has the server ask for a task until it has an answer. */
  async answered(id: string): Promise<void> {
    this.#heal();
    this.#bench.give('quick', { id });
    await waitFor(() => {
      this.#gather();
      for (const known of this.#said.keys()) this.#bench.runner.received({ type: 'task-recorded', id: known });
      return this.outcomesOf(id).length > 0;
    }, `an answer about ${id}`);
  }

  #heal(): void {
    this.#bench.connected = true;
    this.#bench.runner.welcomed();
  }

  async #kill(): Promise<void> {
    const dead = this.#bench;
    this.#bench = await dead.killed();
    this.#hear(dead);
  }

  #gather(): void {
    this.#hear(this.#bench);
  }

  #hear({ ran, sent }: TaskBench): void {
    this.runs.push(...ran.splice(0));
    for (const one of sent.splice(0))
      if (one.type === 'task-result') this.#said.set(one.id, (this.#said.get(one.id) ?? new Set()).add(one.outcome));
  }
}

describe('whatever server, network and power do,', () => {
  it('no task runs twice, none has two ends, and each that was given is answered in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 15 }), async (acts) => {
        const lives = new Lives(await TaskBench.start());
        for (const one of acts) await lives.play(one);
        for (const id of lives.ids) {
          await lives.answered(id);
          const [outcome, ...others] = lives.outcomesOf(id);
          expect(others).toEqual([]);
          const runs = lives.runs.filter((one) => one === id).length;
          expect(runs).toBeLessThanOrEqual(1);
          if (outcome === 'succeeded') expect(runs).toBe(1);
          if (outcome === 'cancelled' || outcome === 'expired') expect(runs).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
