import type { AuditQuery } from '@muster/api';

/** What the log is searched for, as the address of the page says it; empty for anything. */
export type AuditSearch = {
  readonly who: string;
  readonly what: string;
  readonly node: string;
  readonly result: string;
  /** Days of the reader's time zone, `2026-11-21`, both included. */
  readonly from: string;
  readonly to: string;
};

const keys = ['who', 'what', 'node', 'result', 'from', 'to'] as const;

export const readAuditSearch = (search: URLSearchParams): AuditSearch => ({
  who: search.get('who') ?? '',
  what: search.get('what') ?? '',
  node: search.get('node') ?? '',
  result: search.get('result') ?? '',
  from: search.get('from') ?? '',
  to: search.get('to') ?? '',
});

export const writeAuditSearch = (search: AuditSearch): URLSearchParams =>
  new URLSearchParams(keys.filter((key) => search[key].trim() !== '').map((key) => [key, search[key].trim()]));

const results = ['done', 'refused', 'failed', 'unknown'] as const;

/** A day's first moment, or that of the day after, in the reader's time zone; undefined where the text names no day. */
function dayStart(text: string, daysLater: number): string | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(text) ?? [];
  if (year === undefined) return undefined;
  return new Date(Number(year), Number(month) - 1, Number(day) + daysLater).toISOString();
}

/** The call that answers the search, but for which of its pages. */
export function auditQueryOf(search: AuditSearch): Omit<AuditQuery, 'limit' | 'before'> {
  const result = results.find((one) => one === search.result);
  const from = dayStart(search.from, 0);
  const to = dayStart(search.to, 1);
  return {
    ...(search.who.trim() === '' ? {} : { who: search.who.trim() }),
    ...(search.what.trim() === '' ? {} : { what: search.what.trim() }),
    ...(search.node.trim() === '' ? {} : { node: search.node.trim() }),
    ...(result === undefined ? {} : { result }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}
