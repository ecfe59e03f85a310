import type { Block, Room } from '../limits/room.ts';
import type { InstanceType } from '../picture/elastic-picture.ts';
import { Bins } from './bins.ts';
import type { JobShape } from './job-shape.ts';
import type { RankedType } from './type-table.ts';

/** Machines of one type that stand together among those that are there. */
export type Segment = { readonly rank: number; readonly start: number; readonly end: number };

/** A machine to be made: its place among those of its type. */
export type NewMachine = { readonly ranked: RankedType; readonly at: number; readonly because: 'jobs' | 'minimum' | 'spare' };

/** Jobs that get no machine now for the same reason, the cheapest type they could have, and how many machines they all want. */
export type Blocked = { readonly block: Block; readonly type: InstanceType | null; readonly jobIds: string[]; machines: number };

export type PlaceWorld = {
  /** How many there are. */
  readonly types: number;
  readonly jobsPerNode: number | null;
  /** No job asks for fewer. */
  readonly leastCores: number;
};

/** Where the jobs of one shape have come to. */
type Progress = {
  /** Which segment is searched, and from which machine in it. */
  segment: number;
  at: number;
  /** By rank: from which of the new machines. */
  readonly fresh: Map<number, number>;
  blocked: Blocked | null;
};

const none: readonly string[] = [];

type Spot = { readonly bins: Bins; readonly at: number };

/**
 * Puts jobs in their order on machines: first on those that are there, in the given order, then on those that are to be made, and where there
 * is no room on one more of the cheapest type that fits and can be had. A job that needs several machines gets all or none. No job is put on
 * two places, and so no machine is made twice for one need.
 */
export class PlaceJobs {
  readonly made: NewMachine[] = [];
  readonly unsatisfiable: { readonly jobId: string; readonly shape: JobShape }[] = [];
  /** By rank. */
  readonly fresh: Bins[];
  readonly #bins: Bins;
  readonly #segments: readonly Segment[];
  readonly #room: Room;
  readonly #places: number;
  readonly #blocked = new Map<string, Blocked>();
  /** By slot of the shape. */
  readonly #progress: (Progress | undefined)[] = [];

  constructor(bins: Bins, segments: readonly Segment[], room: Room, world: PlaceWorld) {
    this.#bins = bins;
    this.#segments = segments;
    this.#room = room;
    this.#places = world.jobsPerNode ?? Infinity;
    this.fresh = Array.from({ length: world.types }, () => new Bins(world.leastCores));
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
  jobsOn(at: number): readonly string[] {
    return this.#bins.jobIds[at] ?? none;
  }

  /** Makes a machine that no job waits for; tells whether it may. */
  make(ranked: RankedType, because: NewMachine['because']): boolean {
    if (this.#room.blockOf(ranked) !== null) return false;
    this.#add(ranked, because);
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
    const at = this.#nextThere(shape, progress);
    if (at !== -1) return this.#bins.put(at, shape.job, jobId);
    const spot = this.#nextFresh(shape, progress) ?? this.#open(shape);
    if (spot === null) this.#block(jobId, shape, progress);
    else spot.bins.put(spot.at, shape.job, jobId);
  }

  #placeSeveral(jobId: string, shape: JobShape, progress: Progress): void {
    const spots = [...this.#there(shape, progress), ...this.#freshOnes(shape, progress)].slice(0, shape.nodes);
    const types = this.#reserve(shape, shape.nodes - spots.length);
    if (types === null) return this.#block(jobId, shape, progress);
    for (const { bins, at } of spots) bins.put(at, shape.job, jobId);
    for (const ranked of types) {
      const { bins, at } = this.#note(ranked, 'jobs');
      bins.put(at, shape.job, jobId);
    }
  }

  #progressOf(shape: JobShape): Progress {
    const known = this.#progress[shape.slot];
    if (known !== undefined) return known;
    const progress: Progress = { segment: 0, at: this.#segments[0]?.start ?? 0, fresh: new Map(), blocked: null };
    this.#progress[shape.slot] = progress;
    return progress;
  }

  /** The next machine that is there and has room, or -1. */
  #nextThere(shape: JobShape, progress: Progress): number {
    for (; progress.segment < this.#segments.length; progress.segment += 1) {
      const segment = this.#segments[progress.segment];
      if (segment === undefined || shape.allowed[segment.rank] !== true) continue;
      const found = this.#bins.next(shape.job, Math.max(progress.at, segment.start), segment.end);
      if (found !== -1) {
        progress.at = found;
        return found;
      }
    }
    return -1;
  }

  /** All different machines with room for one of a job's parts, as many as it needs at most. */
  #there(shape: JobShape, progress: Progress): Spot[] {
    const spots: Spot[] = [];
    const first = this.#nextThere(shape, progress);
    if (first === -1) return spots;
    const ahead: Progress = { ...progress };
    for (let at = first; at !== -1 && spots.length < shape.nodes; at = this.#nextThere(shape, ahead)) {
      spots.push({ bins: this.#bins, at });
      ahead.at = at + 1;
    }
    return spots;
  }

  #nextFresh(shape: JobShape, progress: Progress): Spot | null {
    for (const { rank } of shape.candidates) {
      const bins = this.fresh[rank];
      if (bins === undefined) continue;
      const found = bins.next(shape.job, progress.fresh.get(rank) ?? 0, bins.length);
      progress.fresh.set(rank, found === -1 ? bins.length : found);
      if (found !== -1) return { bins, at: found };
    }
    return null;
  }

  #freshOnes(shape: JobShape, progress: Progress): Spot[] {
    const spots: Spot[] = [];
    const ahead: Progress = { ...progress, fresh: new Map(progress.fresh) };
    for (let spot = this.#nextFresh(shape, ahead); spot !== null && spots.length < shape.nodes; spot = this.#nextFresh(shape, ahead)) {
      spots.push(spot);
      ahead.fresh.set(this.fresh.indexOf(spot.bins), spot.at + 1);
    }
    return spots;
  }

  #open(shape: JobShape): Spot | null {
    const ranked = shape.candidates.find((one) => this.#room.blockOf(one) === null);
    return ranked === undefined ? null : this.#add(ranked, 'jobs');
  }

  /** Takes the room for so many machines, or for none. */
  #reserve(shape: JobShape, count: number): RankedType[] | null {
    const taken: RankedType[] = [];
    for (const one of shape.candidates)
      while (taken.length < count && this.#room.blockOf(one) === null) {
        this.#room.take(one);
        taken.push(one);
      }
    if (taken.length === count) return taken;
    for (const one of taken) this.#room.giveBack(one);
    return null;
  }

  #add(ranked: RankedType, because: NewMachine['because']): Spot {
    this.#room.take(ranked);
    return this.#note(ranked, because);
  }

  #note(ranked: RankedType, because: NewMachine['because']): Spot {
    const bins = this.fresh[ranked.rank] ?? new Bins(0);
    const at = bins.add(ranked.capacity, this.#places);
    this.made.push({ ranked, at, because });
    return { bins, at };
  }

  #block(jobId: string, shape: JobShape, progress: Progress): void {
    const cheapest = shape.candidates[0];
    const block = (cheapest === undefined ? null : this.#room.blockOf(cheapest)) ?? this.#shortBlock(shape);
    progress.blocked = this.#blockedFor(block, cheapest?.type ?? null);
    add(progress.blocked, jobId, shape);
  }

  #blockedFor(block: Block, type: InstanceType | null): Blocked {
    const place = `${type?.pool ?? ''} ${type?.provider ?? ''} ${block.message}`;
    let blocked = this.#blocked.get(place);
    if (blocked === undefined) this.#blocked.set(place, (blocked = { block, type, jobIds: [], machines: 0 }));
    return blocked;
  }

  /** Of a job that needs several: there would be room for one, but not for all. Tells what ends first. */
  #shortBlock(shape: JobShape): Block {
    const taken: RankedType[] = [];
    for (const one of shape.candidates)
      for (; taken.length < shape.nodes && this.#room.blockOf(one) === null; taken.push(one)) this.#room.take(one);
    const [cheapest] = shape.candidates;
    const block = cheapest === undefined ? null : this.#room.blockOf(cheapest);
    for (const one of taken) this.#room.giveBack(one);
    return block ?? { because: 'max-nodes', message: `There is no room for ${shape.nodes} machines at once.` };
  }
}

function add(blocked: Blocked, jobId: string, { nodes }: JobShape): void {
  blocked.jobIds.push(jobId);
  blocked.machines += nodes;
}
