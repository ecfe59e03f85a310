import { createHash } from 'node:crypto';

/** The dates a renewal is planned by. */
export type Validity = { readonly serial: string; readonly notBeforeMs: number; readonly notAfterMs: number };

const dueShare = 2 / 3;
const jitterShare = 0.1;
const longestWaitMs = 3_600_000;
const shortestWaitMs = 200;

/**
 * When a certificate is to be renewed, milliseconds since the epoch: at two thirds of its life, spread over a tenth of its
 * life. The spread comes from the serial, so that a restart does not throw the dice again.
 */
export function renewalDueAtMs({ serial, notBeforeMs, notAfterMs }: Validity): number {
  const fraction = createHash('sha256').update(serial).digest().readUInt32BE(0) / 2 ** 32;
  return notBeforeMs + (notAfterMs - notBeforeMs) * (dueShare + jitterShare * (fraction - 0.5));
}

/**
 * What time it is for a renewal: the node's clock, or the time since the start where that says more. A clock that was set
 * back thus does not put a renewal off; one that is ahead only renews early.
 */
export const renewalNowMs = (wallMs: number, startWallMs: number, sinceStartMs: number): number =>
  Math.max(wallMs, startWallMs + sinceStartMs);

/** How long to wait before looking again, at most an hour: timers count monotonic time, and the node's clock may be set meanwhile. */
export const untilNextLookMs = (nowMs: number, dueAtMs: number): number =>
  Math.min(Math.max(dueAtMs - nowMs, shortestWaitMs), longestWaitMs);

/** How long to wait after a renewal that failed: longer each time, in proportion to the life of the certificate, with full jitter. */
export function retryRenewalMs(failures: number, { notBeforeMs, notAfterMs }: Validity, random: () => number): number {
  const life = notAfterMs - notBeforeMs;
  const cap = Math.min(longestWaitMs, life / 20);
  const limit = Math.min(cap, 60_000 * 2 ** Math.min(failures, 20));
  return Math.max(shortestWaitMs, limit * (0.5 + 0.5 * random()));
}

/** Shortest time between two renewals: with a clock far ahead every new certificate looks due at once. */
export const leastBetweenRenewalsMs = ({ notBeforeMs, notAfterMs }: Validity): number => (notAfterMs - notBeforeMs) / 6;
