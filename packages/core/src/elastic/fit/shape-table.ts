import type { Job } from '../picture/elastic-picture.ts';
import { type JobShape, nodesOf, shapeOf, type ShapeWorld } from './job-shape.ts';

type Entry = { readonly shape: JobShape; users: number };

/**
 * The shapes of the jobs there are. Found by a number made of what a job asks for, not by a text: a hundred thousand texts would cost more than
 * the whole plan.
 */
export class ShapeTable {
  #world: ShapeWorld;
  readonly #entries = new Map<number, Entry[]>();
  readonly #freeSlots: number[] = [];
  #slots = 0;

  constructor(world: ShapeWorld) {
    this.#world = world;
  }

  /** The shape of one job more. */
  join(job: Job): JobShape {
    const hash = hashOf(job);
    const entries = this.#entries.get(hash);
    if (entries !== undefined)
      for (const entry of entries)
        if (isAlike(entry.shape.job, job)) {
          entry.users += 1;
          return entry.shape;
        }
    const shape = shapeOf(job, this.#freeSlots.pop() ?? this.#slots++, this.#world);
    if (entries === undefined) this.#entries.set(hash, [{ shape, users: 1 }]);
    else entries.push({ shape, users: 1 });
    return shape;
  }

  /** The least that any asks for; infinite where there are none. */
  leastCores(): number {
    let least = Infinity;
    for (const entries of this.#entries.values()) for (const { shape } of entries) least = Math.min(least, shape.job.cores);
    return least;
  }

  /** One job less has this shape; the last one takes it along. */
  leave(shape: JobShape): void {
    const hash = hashOf(shape.job);
    const entries = this.#entries.get(hash) ?? [];
    const at = entries.findIndex((entry) => entry.shape === shape);
    const entry = entries[at];
    if (entry === undefined || (entry.users -= 1) > 0) return;
    this.#freeSlots.push(shape.slot);
    entries.splice(at, 1);
    if (entries.length === 0) this.#entries.delete(hash);
  }
}

function hashOf(job: Job): number {
  let hash = mixed(mixed(job.cores | 0, job.gpus | 0), nodesOf(job) | 0);
  hash = mixedBytes(mixedBytes(hash, job.memoryBytes), job.scratchBytes);
  hash = mixed(hash, (job.exclusive ? 1 : 0) + (job.spotAllowed ? 2 : 0));
  hash = mixedWords(hash, job.features);
  hash = mixedWords(hash, job.types);
  return mixedWords(hash, job.pools);
}

const mixed = (hash: number, value: number): number => Math.imul(hash ^ value, 0x9e3779b1) ^ (hash >>> 15);

/** Amounts of bytes are beyond 32 bits: their mebibytes count as well as what is left in the lower half. */
const mixedBytes = (hash: number, bytes: number): number => mixed(hash, (bytes / 1_048_576) | 0) ^ (bytes | 0);

function mixedWords(hash: number, words: readonly string[]): number {
  let all = mixed(hash, words.length);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    for (let place = 0; place < word.length; place += 1) all = mixed(all, word.charCodeAt(place));
  }
  return all;
}

function isAlike(a: Job, b: Job): boolean {
  const sameAmounts = a.cores === b.cores && a.memoryBytes === b.memoryBytes && a.scratchBytes === b.scratchBytes && a.gpus === b.gpus;
  if (!sameAmounts || a.exclusive !== b.exclusive || a.spotAllowed !== b.spotAllowed || nodesOf(a) !== nodesOf(b)) return false;
  return sameWords(a.features, b.features) && sameWords(a.types, b.types) && sameWords(a.pools, b.pools);
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
