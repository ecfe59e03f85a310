import type { Description } from '../api/describe-error.ts';
import type { StreamState } from './live-stream.ts';

/** What the page knows about the server at one moment. */
export type Link = {
  readonly stream: StreamState;
  /** The failure of a call that is being repeated, with the time of the data it left on screen (0 for none). */
  readonly failure: { readonly description: Description; readonly dataUpdatedAtMs: number } | null;
  /** The time of what is shown, where that was read from a copy of the database because none takes writes; otherwise null. */
  readonly copyFromMs: number | null;
};

export type Notice = {
  readonly variant: 'danger' | 'warning';
  readonly title: string;
  readonly detail: string;
  readonly dataFromMs: number | null;
};

/** A restart of the server, or a short cut of the network, is not worth a banner. */
const patienceMs = 3_000;

/** The banner that the state of the link deserves, or null when there is nothing to say. */
export function noticeOf(link: Link, nowMs: number): Notice | null {
  if (link.failure !== null) {
    const { description, dataUpdatedAtMs } = link.failure;
    return {
      variant: 'danger',
      title: description.title,
      detail: `${description.detail} ${description.advice}`,
      dataFromMs: dataUpdatedAtMs === 0 ? null : dataUpdatedAtMs,
    };
  }
  if (link.copyFromMs !== null) {
    return {
      variant: 'warning',
      title: 'No database takes writes now',
      detail: 'What is shown is read from a copy. Changes have to wait; the page goes on by itself when another database has taken over.',
      dataFromMs: link.copyFromMs,
    };
  }
  const { status, lostAtMs } = link.stream;
  if (status !== 'lost' || lostAtMs === null || nowMs - lostAtMs < patienceMs) return null;
  return {
    variant: 'warning',
    title: 'Live updates are interrupted',
    detail: 'The page asks the server every 5 seconds instead, and goes live again by itself.',
    dataFromMs: null,
  };
}
