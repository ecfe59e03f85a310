import type { Job } from '../picture/elastic-picture.ts';

/** Higher priority first, then who came first; ids last, so that nothing depends on the order in which a queue lists. */
export function byTurn(a: Job, b: Job): number {
  return b.priority - a.priority || a.submittedAtMs - b.submittedAtMs || (a.id < b.id ? -1 : 1);
}

/**
 * Jobs in the order of `byTurn`. Numbers are sorted digit by digit, which for a hundred thousand jobs takes a fraction of what comparing them
 * takes; only jobs that are alike in both are compared by their ids.
 */
export function inTurn(jobs: readonly Job[]): Job[] {
  let order = Uint32Array.from(jobs.keys());
  order = sortedBy(order, jobs, ({ submittedAtMs }) => submittedAtMs);
  order = sortedBy(order, jobs, ({ priority }) => -priority);
  const sorted: Job[] = [];
  for (const at of order) {
    const job = jobs[at];
    if (job !== undefined) sorted.push(job);
  }
  sortTies(sorted);
  return sorted;
}

function sortTies(jobs: Job[]): void {
  for (let start = 0; start < jobs.length;) {
    const first = jobs[start];
    let end = start + 1;
    while (end < jobs.length && jobs[end]?.priority === first?.priority && jobs[end]?.submittedAtMs === first?.submittedAtMs) end += 1;
    if (end - start > 1) for (const [at, job] of jobs.slice(start, end).sort(byTurn).entries()) jobs[start + at] = job;
    start = end;
  }
}

const digitBits = 16;
const digits = 2 ** digitBits;

/** A stable sort by one number of each, from the lowest digit to the highest (H. Hollerith, 1889; D. Knuth, "Sorting and Searching", 5.2.5). */
function sortedBy(order: Uint32Array<ArrayBuffer>, jobs: readonly Job[], numberOf: (job: Job) => number): Uint32Array<ArrayBuffer> {
  const keys = keysOf(jobs, numberOf);
  let [from, to] = [order, new Uint32Array(order.length)];
  for (let digit = 0; digit < keys.length; digit += 1) {
    const key = keys[digit];
    if (key === undefined || key.every((value) => value === key[0])) continue;
    const starts = startsOf(key);
    for (let place = 0; place < from.length; place += 1) {
      const at = from[place] ?? 0;
      const value = key[at] ?? 0;
      const next = starts[value] ?? 0;
      starts[value] = next + 1;
      to[next] = at;
    }
    [from, to] = [to, from];
  }
  return from;
}

/** By value: how many keys are less. */
function startsOf(key: Uint16Array): Uint32Array {
  const starts = new Uint32Array(digits + 1);
  for (let at = 0; at < key.length; at += 1) {
    const next = (key[at] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let at = 0; at < digits; at += 1) starts[at + 1] = (starts[at + 1] ?? 0) + (starts[at] ?? 0);
  return starts;
}

/** The bits of each number in four digits, lowest first, such that they are in the order of the numbers. */
function keysOf(jobs: readonly Job[], numberOf: (job: Job) => number): Uint16Array[] {
  const numbers = new Float64Array(jobs.length);
  // Plus zero turns minus zero into zero, which is the same number with other bits.
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = numberOf(jobs[at] as Job) + 0;
  const bits = new Uint16Array(numbers.buffer);
  const keys = Array.from({ length: 4 }, () => new Uint16Array(jobs.length));
  for (let at = 0; at < numbers.length; at += 1) {
    const isNegative = (bits[at * 4 + 3] ?? 0) >= 0x8000;
    for (const [digit, key] of keys.entries()) {
      const value = bits[at * 4 + digit] ?? 0;
      key[at] = isNegative ? ~value : digit === 3 ? value | 0x8000 : value;
    }
  }
  return keys;
}
