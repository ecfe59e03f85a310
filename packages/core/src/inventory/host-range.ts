import { InventoryError } from './inventory-error.ts';
import { parsePythonInt } from './python-text.ts';

/** The most hosts one line may name; more is a slip of the pen, not a cluster. */
export const MAX_HOSTS_PER_LINE = 100_000;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Expands `[begin:end]` and `[begin:end:step]` in a host pattern, any number of them, left to
 * right, both ends included. A leading zero of the begin pads the numbers; letters count
 * a to z, then A to Z; a reversed range of numbers is empty (as in Ansible). Throws
 * InventoryError for a range that is not one or that would make more than
 * {@link MAX_HOSTS_PER_LINE} hosts.
 */
export function expandHostRange(pattern: string): string[] {
  let names = [pattern];
  while (names.some((name) => name.includes('['))) {
    const expanded: string[] = [];
    for (const name of names) {
      if (name.includes('[')) expandFirst(name, expanded);
      else expanded.push(name);
      if (expanded.length > MAX_HOSTS_PER_LINE) throw tooMany(pattern);
    }
    names = expanded;
  }
  return names;
}

function expandFirst(name: string, into: string[]): void {
  const parts = name.replace('[', '|').replace(']', '|').split('|');
  const [head = '', range = '', tail = ''] = parts;
  if (parts.length !== 3) {
    throw rangeError('a range needs one [ and one ], and the name may hold no |', name);
  }
  for (const member of rangeMembers(range)) into.push(head + member + tail);
}

function rangeMembers(range: string): string[] {
  const bounds = range.split(':');
  if (bounds.length !== 2 && bounds.length !== 3) {
    throw rangeError('a range must be [begin:end] or [begin:end:step]', `[${range}]`);
  }
  const [begin = '', end = '', step = '1'] = bounds;
  if (end === '') throw rangeError('a range must name its end', `[${range}]`);
  return boundedMembers(begin === '' ? '0' : begin, end, step, range);
}

function boundedMembers(begin: string, end: string, step: string, range: string): string[] {
  const isPadded = begin.startsWith('0') && begin.length > 1;
  if (isPadded && begin.length !== end.length) {
    throw rangeError('begin and end of a padded range must be equally long', `[${range}]`);
  }
  const letters = letterMembers(begin, end, step, range);
  return letters ?? numberMembers(begin, end, step, isPadded ? begin.length : 0, range);
}

function letterMembers(begin: string, end: string, step: string, range: string): string[] | undefined {
  const first = LETTERS.indexOf(begin);
  const last = LETTERS.indexOf(end);
  if (first < 0 || last < 0) return undefined;
  if (first > last) throw rangeError('a range of letters must not run backwards', `[${range}]`);
  const stride = rangeNumber(step, range);
  if (stride === 0n) throw rangeError('the step of a range cannot be 0', `[${range}]`);
  // A negative step from a lower to a higher letter names nothing.
  if (stride < 0n) return [];
  const letters = [...LETTERS.slice(first, last + 1)];
  return letters.filter((_, index) => BigInt(index) % stride === 0n);
}

function numberMembers(begin: string, end: string, step: string, width: number, range: string): string[] {
  const first = rangeNumber(begin, range);
  // As in Python's range(first, end + 1, step), also when the step is negative.
  const stop = rangeNumber(end, range) + 1n;
  const stride = rangeNumber(step, range);
  if (stride === 0n) throw rangeError('the step of a range cannot be 0', `[${range}]`);
  const distance = stride > 0n ? stop - first : first - stop;
  if (distance <= 0n) return [];
  const size = stride > 0n ? stride : -stride;
  const count = (distance + size - 1n) / size;
  if (count > BigInt(MAX_HOSTS_PER_LINE)) throw tooMany(`[${range}]`);
  return Array.from({ length: Number(count) }, (_, index) => padded(first + BigInt(index) * stride, width));
}

function padded(value: bigint, width: number): string {
  if (value >= 0n) return String(value).padStart(width, '0');
  return `-${String(-value).padStart(width - 1, '0')}`;
}

function rangeNumber(text: string, range: string): bigint {
  const value = parsePythonInt(text);
  if (value !== undefined) return value;
  throw rangeError('a range must run between two numbers or two letters', `[${range}]`);
}

function rangeError(problem: string, offending: string): InventoryError {
  const advice = 'Write a range like web[1:3], db[01:10] or node-[a:f]; [x] alone names a group.';
  return new InventoryError({ problem, offending, advice });
}

function tooMany(offending: string): InventoryError {
  return new InventoryError({
    problem: 'the range would make more than 100,000 hosts',
    offending,
    advice: 'Check its two ends; split it over several lines if it is meant.',
  });
}
