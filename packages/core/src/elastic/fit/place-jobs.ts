import type { Block, Room } from '../limits/room.ts';
import type { InstanceType } from '../picture/elastic-picture.ts';
import { Bins } from './bins.ts';
import type { JobShape } from './job-shape.ts';
import { type Row, Stock } from './stock.ts';
import type { RankedType } from './type-table.ts';

/** A machine to be made: its place among those of its type that got work in this plan. */
export type NewMachine = { readonly ranked: RankedType; readonly at: number; readonly because: 'jobs' | 'minimum' | 'spare' };

/** Jobs that get no machine now for the same reason, the type that it is about, and how many machines they all want. */
export type Blocked = { readonly block: Block; readonly type: InstanceType | null; readonly jobIds: string[]; machines: number };

export type PlaceWorld = {
  readonly ranked: readonly RankedType[];
  readonly jobsPerNode: number | null;
  /** No job asks for fewer. */
  readonly leastCores: number;
  /** What is free on machines that work, the first of all that serve. */
  readonly working: Bins;
  /** Where among these those of each type stand. */
  readonly workingRows: readonly Row[];
  /** Those without work, in the order in which they are used. */
  readonly stockRows: readonly Row[];
};

/** Where the jobs of one shape have come to. What is free only shrinks, so none has to look at what it has passed. */
type Progress = {
  /** In which row of those that work, and at which machine. */
  row: number;
  at: number;
  /** By rank: at which of those that got work in this plan. */
  readonly opened: number[];
  /** Which of its types was searched last, and how many machines had been opened then: those before it have got no room since. */
  candidate: number;
  seenOpens: number;
  blocked: Blocked | null;
};

type Spot = { readonly bins: Bins; readonly at: number };

/**
 * Puts jobs in their order on machines: on those that work and have room, on those that got a job in this plan, then on one more that stands
 * without work, and where none fits on one more of the cheapest type that fits and can be had. A job that needs several machines gets all or
 * none. What one plan makes the next one finds without work, and gives it to the same jobs in the same order: no second machine comes for a need.
 */
export class PlaceJobs {
  readonly made: NewMachine[] = [];
  readonly unsatisfiable: { readonly jobId: string; readonly shape: JobShape }[] = [];
  /** By rank: machines that got work in this plan, new ones and such that stood without. */
  readonly opened: Bins[];
  readonly #world: PlaceWorld;
  readonly #room: Room;
  readonly #stock: Stock;
  /** By number of a machine without work: where it is among those opened. */
  readonly #homes = new Map<number, Spot>();
  readonly #unopened: readonly number[];
  #opens = 0;
  readonly #blocked = new Map<string, Blocked>();
  /** By slot of the shape. */
  readonly #progress: (Progress | undefined)[] = [];

  constructor(world: PlaceWorld, room: Room) {
    this.#world = world;
    this.#room = room;
    this.#stock = new Stock(world.stockRows);
    this.opened = world.ranked.map(() => new Bins(world.leastCores));
    this.#unopened = world.ranked.map(() => 0);
  }

  /** Jobs in their order, and the shape of each. */
  placeAll(jobIds: readonly string[], shapes: readonly JobShape[]): void {
    for (let at = 0; at < jobIds.length; at += 1) {
      const jobId = jobIds[at];
      const shape = shapes[at];
      if (jobId !== undefined && shape !== undefined) this.#place(jobId, shape);
    }
    // What a share of the price cap keeps from one type of machine for jobs is no matter of what is kept ready.
    this.#room.endShares();
  }

  /** Jobs that wait, in their order. */
  get blocked(): readonly Blocked[] {
    return [...this.#blocked.values()];
  }

  /** The jobs that were put on a machine that is there. */
  jobsOn(node: number): readonly string[] {
    if (node < this.#world.working.length) return this.#world.working.jobIds[node] ?? none;
    const home = this.#homes.get(node);
    return home === undefined ? none : (home.bins.jobIds[home.at] ?? none);
  }

  /** Makes a machine that no job waits for; tells whether it may. */
  make(ranked: RankedType, because: NewMachine['because']): boolean {
    if (this.#room.blockOf(ranked) !== null) return false;
    this.#room.take(ranked);
    this.#note(ranked, because);
    return true;
  }

  #place(jobId: string, shape: JobShape): void {
    const progress = this.#progressOf(shape);
    // What could not be placed once cannot be later: machines only fill, and limits only shrink.
    if (progress.blocked !== null) add(progress.blocked, jobId, shape);
    else if (shape.unsatisfiable !== null) this.unsatisfiable.push({ jobId, shape });
    else if (shape.nodes === 1) this.#placeSingle(jobId, shape, progress);
    else this.#placeSeveral(jobId, shape, progress);
  }

  #placeSingle(jobId: string, shape: JobShape, progress: Progress): void {
    const at = this.#nextWorking(shape, progress);
    if (at !== -1) return this.#world.working.put(at, shape.job, jobId);
    const spot = this.#nextOpened(shape, progress) ?? this.#fromStock(shape) ?? this.#makeFor(shape);
    if (spot === null) this.#block(jobId, shape, progress);
    else spot.bins.put(spot.at, shape.job, jobId);
  }

  #placeSeveral(jobId: string, shape: JobShape, progress: Progress): void {
    const there = [...this.#allWorking(shape, progress), ...this.#allOpened(shape, progress)].slice(0, shape.nodes);
    const taken = this.#stock.take(shape, shape.nodes - there.length);
    const types = this.#reserve(shape, shape.nodes - there.length - taken.length);
    if (types === null) {
      this.#stock.putBack(taken);
      return this.#block(jobId, shape, progress);
    }
    const fromStock = taken.map((one) => this.#openStock(one));
    const made = types.map((ranked) => this.#note(ranked, 'jobs'));
    for (const { bins, at } of [...there, ...fromStock, ...made]) bins.put(at, shape.job, jobId);
  }

  #progressOf(shape: JobShape): Progress {
    const known = this.#progress[shape.slot];
    if (known !== undefined) return known;
    const progress: Progress = { row: 0, at: 0, opened: [...this.#unopened], candidate: 0, seenOpens: 0, blocked: null };
    this.#progress[shape.slot] = progress;
    return progress;
  }

  /** The next machine that works and has room, or -1. */
  #nextWorking(shape: JobShape, progress: Progress): number {
    const { working, workingRows } = this.#world;
    for (; progress.row < workingRows.length; progress.row += 1) {
      const row = workingRows[progress.row];
      if (row === undefined || shape.allowed[row.rank] !== true) continue;
      const found = working.next(shape.job, Math.max(progress.at, row.start), row.end);
      if (found !== -1) {
        progress.at = found;
        return found;
      }
    }
    return -1;
  }

  #nextOpened(shape: JobShape, progress: Progress): Spot | null {
    const { candidates } = shape;
    if (progress.seenOpens !== this.#opens) [progress.candidate, progress.seenOpens] = [0, this.#opens];
    for (; progress.candidate < candidates.length; progress.candidate += 1) {
      const rank = candidates[progress.candidate]?.rank ?? 0;
      const bins = this.opened[rank];
      const from = progress.opened[rank] ?? 0;
      if (bins === undefined || from >= bins.length) continue;
      const found = bins.next(shape.job, from, bins.length);
      progress.opened[rank] = found === -1 ? bins.length : found;
      if (found !== -1) return { bins, at: found };
    }
    return null;
  }

  /** All different machines with room for one of a job's parts, as many as it needs at most. */
  #allWorking(shape: JobShape, progress: Progress): Spot[] {
    const spots: Spot[] = [];
    const first = this.#nextWorking(shape, progress);
    if (first === -1) return spots;
    const ahead: Progress = { ...progress };
    for (let at = first; at !== -1 && spots.length < shape.nodes; at = this.#nextWorking(shape, ahead)) {
      spots.push({ bins: this.#world.working, at });
      ahead.at = at + 1;
    }
    return spots;
  }

  #allOpened(shape: JobShape, progress: Progress): Spot[] {
    const spots: Spot[] = [];
    const ahead: Progress = { ...progress, opened: [...progress.opened] };
    for (let spot = this.#nextOpened(shape, ahead); spot !== null && spots.length < shape.nodes; spot = this.#nextOpened(shape, ahead)) {
      spots.push(spot);
      ahead.opened[this.opened.indexOf(spot.bins)] = spot.at + 1;
    }
    return spots;
  }

  #fromStock(shape: JobShape): Spot | null {
    const taken = this.#stock.takeOne(shape);
    return taken === null ? null : this.#openStock(taken);
  }

  #openStock({ rank, node }: { readonly rank: number; readonly node: number }): Spot {
    const spot = this.#open(rank);
    this.#homes.set(node, spot);
    return spot;
  }

  #makeFor(shape: JobShape): Spot | null {
    const ranked = shape.candidates.find((one) => this.#room.blockOf(one) === null);
    if (ranked === undefined) return null;
    this.#room.take(ranked);
    return this.#note(ranked, 'jobs');
  }

  /** Takes the room for so many machines, or for none. */
  #reserve(shape: JobShape, count: number): RankedType[] | null {
    const taken = this.#takeRoom(shape, count);
    if (taken.length === count) return taken;
    for (const one of taken) this.#room.giveBack(one);
    return null;
  }

  #takeRoom(shape: JobShape, count: number): RankedType[] {
    const taken: RankedType[] = [];
    for (const one of shape.candidates)
      for (; taken.length < count && this.#room.blockOf(one) === null; taken.push(one)) this.#room.take(one);
    return taken;
  }

  #note(ranked: RankedType, because: NewMachine['because']): Spot {
    const spot = this.#open(ranked.rank);
    this.made.push({ ranked, at: spot.at, because });
    return spot;
  }

  #open(rank: number): Spot {
    const { ranked, jobsPerNode, leastCores } = this.#world;
    this.#opens += 1;
    const bins = (this.opened[rank] ??= new Bins(leastCores));
    return { bins, at: bins.add(ranked[rank]?.capacity ?? noCapacity, jobsPerNode ?? Infinity) };
  }

  /** Tells what ends first: of a job that needs several there may be room for one, but not for all. */
  #block(jobId: string, shape: JobShape, progress: Progress): void {
    const taken = this.#takeRoom(shape, shape.nodes);
    const blocks = shape.candidates.flatMap(({ rank, type }) => {
      const ranked = this.#world.ranked[rank];
      const block = ranked === undefined ? null : this.#room.blockOf(ranked);
      return block === null ? [] : [{ block, type }];
    });
    for (const one of taken) this.#room.giveBack(one);
    // A limit is what can be done something about: it is told before what only time can mend.
    const told = blocks.find(({ block }) => limits.has(block.because)) ?? blocks[0] ?? { block: noRoom(shape), type: null };
    progress.blocked = this.#blockedFor(told.block, told.type);
    add(progress.blocked, jobId, shape);
  }

  #blockedFor(block: Block, type: InstanceType | null): Blocked {
    const place = `${type?.pool ?? ''} ${type?.provider ?? ''} ${block.because} ${block.message}`;
    let blocked = this.#blocked.get(place);
    if (blocked === undefined) this.#blocked.set(place, (blocked = { block, type, jobIds: [], machines: 0 }));
    return blocked;
  }
}

const none: readonly string[] = [];
const noCapacity = { cores: 0, memoryBytes: 0, scratchBytes: 0, gpus: 0 };

const limits: ReadonlySet<string> = new Set(['max-nodes', 'pool-max-nodes', 'price-cap', 'pool-price-cap', 'quota']);

const noRoom = ({ nodes }: JobShape): Block => ({ because: 'max-nodes', message: `There is no room for ${nodes} machines at once.` });

function add(blocked: Blocked, jobId: string, { nodes }: JobShape): void {
  blocked.jobIds.push(jobId);
  blocked.machines += nodes;
}
