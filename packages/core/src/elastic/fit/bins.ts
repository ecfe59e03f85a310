import type { Need } from '../picture/elastic-picture.ts';
import type { Capacity } from './type-table.ts';

const blockBits = 4;
const blockSize = 2 ** blockBits;
/* What is free on a machine stands together in a row of eight numbers, which is one line of the processor's cache. */
const width = 8;
const [cores, memory, scratch, gpus, places, whole] = [0, 1, 2, 3, 4, 5] as const;
/** Of a block: 1 when machines of it have got work since its row was made. */
const stale = 6;

/**
 * Machines in a row with what is free on each, and the next one with room for a need. What is free only shrinks, so whoever asks for the same
 * again goes on from where he was; machines that are full are passed over in one step, and blocks of machines keep the most that any of theirs
 * may have free.
 */
export class Bins {
  /** By machine: the jobs that were put on it. */
  readonly jobIds: (string[] | undefined)[] = [];
  #length = 0;
  #free: Float64Array;
  /** By block: the most of each that one of its machines has; may be more than there is, never less. */
  #most: Float64Array;

  /** By machine: itself, or where to look on from one that is full. */
  #skip: Int32Array;
  /** No job asks for fewer cores: a machine with less is full for everybody. */
  readonly #least: number;

  constructor(least: number, expected = blockSize) {
    this.#least = least;
    const blocks = Math.ceil(Math.max(1, expected) / blockSize);
    this.#free = new Float64Array(blocks * blockSize * width);
    this.#most = new Float64Array(blocks * width);
    this.#skip = Int32Array.from({ length: blocks * blockSize }, (_, at) => at);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a machine without work and gives its place. */
  add(capacity: Capacity, jobs: number): number {
    const at = this.#length;
    const row = at * width;
    if (row >= this.#free.length) this.#grow();
    this.#length += 1;
    this.#free[row + cores] = capacity.cores;
    this.#free[row + memory] = capacity.memoryBytes;
    this.#free[row + scratch] = capacity.scratchBytes;
    this.#free[row + gpus] = capacity.gpus;
    this.#free[row + places] = jobs;
    this.#free[row + whole] = 1;
    this.jobIds.push(undefined);
    this.#raise((at >> blockBits) * width, row);
    return at;
  }

  /** Takes what a need takes of a machine. One that is for one alone has no room any more. */
  occupy(at: number, need: Need): void {
    const row = at * width;
    this.#take(row + cores, need.cores);
    this.#take(row + memory, need.memoryBytes);
    this.#take(row + scratch, need.scratchBytes);
    this.#take(row + gpus, need.gpus);
    this.#take(row + places, need.exclusive ? Infinity : 1);
    this.#free[row + whole] = 0;
    this.#most[(at >> blockBits) * width + stale] = 1;
    if ((this.#free[row + places] ?? 0) < 1 || (this.#free[row + cores] ?? 0) < this.#least) this.#skip[at] = at + 1;
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
    // Most ask for the machine that they have just had.
    if (from < end && holds(this.#free, from * width, need)) return from;
    let at = this.#alive(from + 1);
    while (at < end) {
      const blockEnd = Math.min(end, (at | (blockSize - 1)) + 1);
      const found = this.#nextInBlock(need, at, blockEnd);
      if (found !== -1) return found;
      at = this.#alive(blockEnd);
    }
    return -1;
  }

  #nextInBlock(need: Need, from: number, end: number): number {
    const block = (from >> blockBits) * width;
    if (!holds(this.#most, block, need)) return -1;
    for (let at = from; at < end; at += 1) if (holds(this.#free, at * width, need)) return at;
    // It looked as if there were room: the next one is to know better.
    if (this.#most[block + stale] === 1) this.#lower(block);
    return -1;
  }

  /** The first place from here on that is not full for everybody. What was passed over once is passed over in one step later. */
  #alive(from: number): number {
    const skip = this.#skip;
    let at = from;
    while (at < this.#length && skip[at] !== at) {
      const next = skip[at] ?? at + 1;
      const after = next < this.#length ? (skip[next] ?? next) : next;
      skip[at] = after;
      at = after;
    }
    return at;
  }

  /** What is endless stays so, whatever is taken; infinity is also taken of infinity, by who wants to be alone. */
  #take(cell: number, amount: number): void {
    const free = this.#free[cell] ?? 0;
    this.#free[cell] = amount === Infinity ? 0 : free - amount;
  }

  #lower(block: number): void {
    this.#most.fill(-1, block, block + stale);
    this.#most[block + stale] = 0;
    const first = block * blockSize;
    const end = Math.min(this.#length * width, first + blockSize * width);
    for (let row = first; row < end; row += width) this.#raise(block, row);
  }

  #raise(block: number, row: number): void {
    for (let cell = cores; cell <= whole; cell += 1) {
      const free = this.#free[row + cell] ?? 0;
      if (free > (this.#most[block + cell] ?? 0)) this.#most[block + cell] = free;
    }
  }

  #grow(): void {
    const [free, most, skip] = [this.#free, this.#most, this.#skip];
    this.#skip = Int32Array.from({ length: skip.length * 2 }, (_, at) => skip[at] ?? at);
    this.#free = new Float64Array(free.length * 2);
    this.#free.set(free);
    this.#most = new Float64Array(most.length * 2);
    this.#most.set(most);
  }
}

function holds(free: Float64Array, row: number, need: Need): boolean {
  return hasPlace(free, row, need) && (free[row + cores] ?? 0) >= need.cores && hasRest(free, row, need);
}

const hasPlace = (free: Float64Array, row: number, need: Need): boolean =>
  (free[row + places] ?? 0) >= 1 && (!need.exclusive || free[row + whole] === 1);

const hasRest = (free: Float64Array, row: number, need: Need): boolean =>
  (free[row + memory] ?? 0) >= need.memoryBytes && (free[row + gpus] ?? 0) >= need.gpus && (free[row + scratch] ?? 0) >= need.scratchBytes;
