import type { Job } from '../picture/elastic-picture.ts';
import { byTurn, turnOrder } from './job-order.ts';
import type { JobShape, ShapeWorld } from './job-shape.ts';
import { ShapeTable } from './shape-table.ts';

/**
 * Jobs in their order, each with its shape. Of two with the same id the later one counts. Ids and shapes stand in rows of their own: a plan
 * goes through them without touching the jobs themselves, which lie all over memory.
 */
export class JobQueue {
  ids: string[];
  shapes: JobShape[];
  #jobs: Job[];
  #table: ShapeTable;
  /** By id; made when it is first needed. */
  #byId: Map<string, Job> | null = null;

  constructor(jobs: readonly Job[], world: ShapeWorld) {
    this.#table = new ShapeTable(world);
    const given = withoutDoubles(jobs);
    // Looked up in the order in which they are given, since so they lie in memory.
    const shapes = given.map((job) => this.#table.join(job));
    const order = turnOrder(given);
    this.#jobs = inOrder(given, order);
    this.shapes = inOrder(shapes, order);
    this.ids = this.#jobs.map(({ id }) => id);
  }

  /** Looks up anew what every job fits. */
  reshape(world: ShapeWorld): void {
    this.#table = new ShapeTable(world);
    this.shapes = this.#jobs.map((job) => this.#table.join(job));
  }

  change(set: readonly Job[], gone: readonly string[]): void {
    const byId = (this.#byId ??= new Map(this.#jobs.map((job) => [job.id, job])));
    const given = withoutDoubles(set);
    const coming = inOrder(given, turnOrder(given));
    const leaving = new Set<Job>();
    for (const id of [...gone, ...coming.map((job) => job.id)]) {
      const job = byId.get(id);
      if (job !== undefined) leaving.add(job);
      byId.delete(id);
    }
    for (const job of coming) byId.set(job.id, job);
    const leavingAt = [...leaving].map((job) => this.#placeOf(job)).sort((a, b) => a - b);
    for (const at of leavingAt) {
      const shape = this.shapes[at];
      if (shape !== undefined) this.#table.leave(shape);
    }
    const edit = { leavingAt, comingAt: coming.map((job) => this.#placeOf(job)) };
    const shapes = coming.map((job) => this.#table.join(job));
    this.shapes = edited(this.shapes, shapes, edit);
    this.#jobs = edited(this.#jobs, coming, edit);
    this.ids = edited(
      this.ids,
      coming.map(({ id }) => id),
      edit,
    );
  }

  /** No job asks for fewer. */
  leastCores(): number {
    return this.#table.leastCores();
  }

  /** Where a job stands, or would. */
  #placeOf(job: Job): number {
    let [from, to] = [0, this.#jobs.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = this.#jobs[middle];
      if (other !== undefined && byTurn(other, job) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function inOrder<T>(row: readonly T[], order: Uint32Array): T[] {
  const all: T[] = [];
  for (let at = 0; at < order.length; at += 1) all.push(row[order[at] ?? 0] as T);
  return all;
}

/** Of those with the same id the last. */
function withoutDoubles(jobs: readonly Job[]): readonly Job[] {
  const ids = new Set<string>();
  for (const { id } of jobs) ids.add(id);
  if (ids.size === jobs.length) return jobs;
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

type Edit = {
  /** In order. */ readonly leavingAt: readonly number[];
  /** In order: before which each is put. */ readonly comingAt: readonly number[];
};

/** A row without what leaves and with what comes. */
function edited<T>(row: readonly T[], coming: readonly T[], { leavingAt, comingAt }: Edit): T[] {
  const all: T[] = [];
  let [from, next] = [0, 0];
  const copyTo = (end: number): void => {
    for (; from < end; from += 1) all.push(row[from] as T);
  };
  const bringUpTo = (end: number): void => {
    for (let at = comingAt[next]; at !== undefined && at <= end; at = comingAt[next]) {
      copyTo(at);
      all.push(coming[next] as T);
      next += 1;
    }
    copyTo(end);
  };
  for (const at of leavingAt) {
    bringUpTo(at);
    from = at + 1;
  }
  bringUpTo(row.length);
  return all;
}

/** Two rows in order made one. */
export function mergeSorted<T>(kept: readonly T[], added: readonly T[], compare: (a: T, b: T) => number): T[] {
  const all: T[] = [];
  let at = 0;
  for (const one of kept) {
    for (let next = added[at]; next !== undefined && compare(next, one) < 0; next = added[at]) {
      all.push(next);
      at += 1;
    }
    all.push(one);
  }
  for (const one of added.slice(at)) all.push(one);
  return all;
}
