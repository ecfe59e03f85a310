import type { JobShape } from './job-shape.ts';

/** Machines of one type, without work, that are alike in how gladly they are used: from `start` to before `end` among all that serve. */
export type Row = { readonly rank: number; readonly start: number; readonly end: number };

/** Machines without work, taken one after the other: from the first row whose type a job may run on. */
export class Stock {
  readonly #rows: readonly Row[];
  /** By row: how many of it are taken. */
  readonly #taken: number[];
  /** Rows before this one are used up. */
  #first = 0;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
    this.#taken = rows.map(() => 0);
  }

  /** Takes one for a job; null where there is none. */
  takeOne({ allowed }: JobShape): { readonly rank: number; readonly node: number } | null {
    for (let at = this.#first; at < this.#rows.length; at += 1) {
      const row = this.#rows[at];
      const taken = this.#taken[at] ?? 0;
      if (row === undefined || allowed[row.rank] !== true || row.start + taken >= row.end) continue;
      this.#taken[at] = taken + 1;
      this.#passEmpty();
      return { rank: row.rank, node: row.start + taken };
    }
    return null;
  }

  /** Takes so many for a job, or as many as there are. */
  take({ allowed }: JobShape, count: number): { readonly rank: number; readonly node: number }[] {
    const found: { rank: number; node: number }[] = [];
    for (let at = this.#first; at < this.#rows.length && found.length < count; at += 1) {
      const row = this.#rows[at];
      if (row === undefined || allowed[row.rank] !== true) continue;
      const from = row.start + (this.#taken[at] ?? 0);
      const end = Math.min(row.end, from + count - found.length);
      for (let node = from; node < end; node += 1) found.push({ rank: row.rank, node });
      this.#taken[at] = Math.max(from, end) - row.start;
    }
    this.#passEmpty();
    return found;
  }

  /** Puts back what was taken last, all of it. */
  putBack(taken: readonly { readonly node: number }[]): void {
    for (const { node } of taken) {
      const at = this.#rows.findIndex(({ start, end }) => node >= start && node < end);
      this.#taken[at] = Math.min(this.#taken[at] ?? 0, node - (this.#rows[at]?.start ?? 0));
      this.#first = Math.min(this.#first, at);
    }
  }

  #passEmpty(): void {
    while (this.#first < this.#rows.length && this.#isEmpty(this.#first)) this.#first += 1;
  }

  #isEmpty(at: number): boolean {
    const row = this.#rows[at];
    return row === undefined || row.start + (this.#taken[at] ?? 0) >= row.end;
  }
}
