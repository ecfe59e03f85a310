import type { Need } from '../picture/elastic-picture.ts';
import type { Capacity } from './type-table.ts';

const blockSize = 16;

/**
 * Machines in a row with what is free on each, and the next one with room for a need. What is free only shrinks, so whoever asks for the same
 * again goes on from where he was; and blocks of machines keep the most that any of theirs may have free, so that full ones are passed over
 * at once. Plain arrays of numbers, since a plan asks some hundred thousand times.
 */
export class Bins {
  /** By machine: the jobs that were put on it. */
  readonly jobIds: (string[] | undefined)[] = [];
  readonly #cores: number[] = [];
  readonly #memory: number[] = [];
  readonly #scratch: number[] = [];
  readonly #gpus: number[] = [];
  /** Jobs that may still be added. */
  readonly #places: number[] = [];
  /** 1 while nothing is on it. */
  readonly #whole: number[] = [];
  /** By block: the most of each that one of its machines has; may be more than there is, never less. */
  readonly #most: { cores: number; memory: number; scratch: number; gpus: number; places: number; stale: boolean }[] = [];

  get length(): number {
    return this.#cores.length;
  }

  /** Adds a machine without work and gives its place. */
  add(capacity: Capacity, places: number): number {
    const at = this.#cores.length;
    this.#cores.push(capacity.cores);
    this.#memory.push(capacity.memoryBytes);
    this.#scratch.push(capacity.scratchBytes);
    this.#gpus.push(capacity.gpus);
    this.#places.push(places);
    this.#whole.push(1);
    this.jobIds.push(undefined);
    this.#raise(Math.floor(at / blockSize), at);
    return at;
  }

  /** Whether nothing is on it. */
  isEmpty(at: number): boolean {
    return this.#whole[at] === 1;
  }

  /** Takes what a need takes of a machine. One that is for one alone has no room any more. */
  occupy(at: number, need: Need): void {
    this.#whole[at] = 0;
    this.#places[at] = need.exclusive ? 0 : (this.#places[at] ?? 0) - 1;
    this.#cores[at] = (this.#cores[at] ?? 0) - need.cores;
    this.#memory[at] = (this.#memory[at] ?? 0) - need.memoryBytes;
    this.#scratch[at] = (this.#scratch[at] ?? 0) - need.scratchBytes;
    this.#gpus[at] = (this.#gpus[at] ?? 0) - need.gpus;
    const block = this.#most[Math.floor(at / blockSize)];
    if (block !== undefined) block.stale = true;
  }

  /** Puts a job on a machine. */
  put(at: number, need: Need, jobId: string): void {
    this.occupy(at, need);
    const ids = this.jobIds[at];
    if (ids === undefined) this.jobIds[at] = [jobId];
    else ids.push(jobId);
  }

  /** The first machine from `from` to before `end` with room; -1 where there is none. */
  next(need: Need, from: number, end: number): number {
    let at = from;
    while (at < end) {
      if (at % blockSize === 0 && !this.#mayHold(at / blockSize, need)) at += blockSize;
      else if (this.#holds(at, need)) return at;
      else at += 1;
    }
    return -1;
  }

  #holds(at: number, need: Need): boolean {
    return (
      (this.#places[at] ?? 0) >= 1 &&
      (this.#cores[at] ?? 0) >= need.cores &&
      (this.#memory[at] ?? 0) >= need.memoryBytes &&
      (this.#gpus[at] ?? 0) >= need.gpus &&
      (this.#scratch[at] ?? 0) >= need.scratchBytes &&
      (!need.exclusive || this.#whole[at] === 1)
    );
  }

  #mayHold(block: number, need: Need): boolean {
    const most = this.#most[block];
    if (most === undefined) return false;
    if (most.stale) this.#lower(block);
    const { cores, memory, scratch, gpus, places } = this.#most[block] ?? most;
    return places >= 1 && cores >= need.cores && memory >= need.memoryBytes && gpus >= need.gpus && scratch >= need.scratchBytes;
  }

  #lower(block: number): void {
    this.#most[block] = { ...nothing };
    const end = Math.min(this.length, (block + 1) * blockSize);
    for (let at = block * blockSize; at < end; at += 1) this.#raise(block, at);
  }

  #raise(block: number, at: number): void {
    const most = (this.#most[block] ??= { ...nothing });
    most.cores = Math.max(most.cores, this.#cores[at] ?? 0);
    most.memory = Math.max(most.memory, this.#memory[at] ?? 0);
    most.scratch = Math.max(most.scratch, this.#scratch[at] ?? 0);
    most.gpus = Math.max(most.gpus, this.#gpus[at] ?? 0);
    most.places = Math.max(most.places, this.#places[at] ?? 0);
  }
}

const nothing = { cores: -Infinity, memory: -Infinity, scratch: -Infinity, gpus: -Infinity, places: 0, stale: false };
