import type { Job } from '../picture/elastic-picture.ts';
import { byTurn, inTurn } from './job-order.ts';
import type { JobShape, ShapeWorld } from './job-shape.ts';
import { ShapeTable } from './shape-table.ts';

/** Beyond so many a walk over all jobs is cheaper than moving them for each. */
const fewJobs = 200;

/**
 * Jobs in their order, each with its shape. Of two with the same id the later one counts. Ids and shapes stand in rows of their own: a plan
 * goes through them without touching the jobs themselves, which lie all over memory.
 */
export class JobQueue {
  ids: string[] = [];
  shapes: JobShape[] = [];
  #jobs: Job[];
  #table: ShapeTable;
  /** By id; made when it is first needed. */
  #byId: Map<string, Job> | null = null;

  constructor(jobs: readonly Job[], world: ShapeWorld) {
    this.#table = new ShapeTable(world);
    this.#jobs = inTurn(withoutDoubles(jobs));
    this.#fill();
  }

  /** Looks up anew what every job fits. */
  reshape(world: ShapeWorld): void {
    this.#table = new ShapeTable(world);
    this.#fill();
  }

  change(set: readonly Job[], gone: readonly string[]): void {
    const byId = (this.#byId ??= new Map(this.#jobs.map((job) => [job.id, job])));
    const coming = inTurn(withoutDoubles(set));
    const leaving = new Set<Job>();
    for (const id of [...gone, ...coming.map((job) => job.id)]) {
      const job = byId.get(id);
      if (job !== undefined) leaving.add(job);
      byId.delete(id);
    }
    for (const job of coming) byId.set(job.id, job);
    if (leaving.size + coming.length > fewJobs) this.#merge(leaving, coming);
    else {
      for (const job of leaving) this.#remove(job);
      for (const job of coming) this.#insert(job);
    }
  }

  /** No job asks for fewer. */
  leastCores(): number {
    return this.#table.leastCores();
  }

  #fill(): void {
    this.ids = this.#jobs.map(({ id }) => id);
    this.shapes = this.#jobs.map((job) => this.#table.join(job));
  }

  #merge(leaving: ReadonlySet<Job>, coming: readonly Job[]): void {
    const staying: Job[] = [];
    this.#jobs.forEach((job, at) => {
      const shape = this.shapes[at];
      if (!leaving.has(job)) staying.push(job);
      else if (shape !== undefined) this.#table.leave(shape);
    });
    const shapeOf = new Map(this.#jobs.map((job, at) => [job, this.shapes[at]]));
    this.#jobs = mergeSorted(staying, coming, byTurn);
    this.ids = this.#jobs.map(({ id }) => id);
    this.shapes = this.#jobs.map((job) => (leaving.has(job) ? undefined : shapeOf.get(job)) ?? this.#table.join(job));
  }

  #remove(job: Job): void {
    const at = this.#placeOf(job);
    const shape = this.shapes[at];
    if (shape !== undefined) this.#table.leave(shape);
    this.#jobs.splice(at, 1);
    this.ids.splice(at, 1);
    this.shapes.splice(at, 1);
  }

  #insert(job: Job): void {
    const at = this.#placeOf(job);
    this.#jobs.splice(at, 0, job);
    this.ids.splice(at, 0, job.id);
    this.shapes.splice(at, 0, this.#table.join(job));
  }

  /** Where a job stands, or would. */
  #placeOf(job: Job): number {
    let [from, to] = [0, this.#jobs.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = this.#jobs[middle];
      if (other !== undefined && other.id !== job.id && byTurn(other, job) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** Of those with the same id the last. */
function withoutDoubles(jobs: readonly Job[]): readonly Job[] {
  if (new Set(jobs.map(({ id }) => id)).size === jobs.length) return jobs;
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
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
