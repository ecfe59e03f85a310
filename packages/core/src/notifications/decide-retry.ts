/** How an attempt to tell somebody ended, and how long it has been failing. */
export type FailedAttempt = {
  readonly kind: 'webhook' | 'email';
  /** Attempts so far, this one counted. */
  readonly attempts: number;
  /** Since the first failure after the last success, by the database's clock. */
  readonly failingForSeconds: number;
  /** The other side said that asking again is useless. */
  readonly isPermanent: boolean;
};

/**
 * `retry`: again after so long. `give-up`: this message is dropped, later ones are tried. `disable`: nothing more is sent until somebody
 * says so.
 */
export type RetryDecision = { readonly action: 'retry'; readonly afterSeconds: number } | { readonly action: 'give-up' | 'disable' };

/** How long a target may fail without a single success. */
export const longestFailureSeconds = 72 * 3600;

const firstSeconds = 10;
const longestSeconds = 3600;

/** Waits twice as long each time, up to an hour, for three days. */
export function decideRetry({ kind, attempts, failingForSeconds, isPermanent }: FailedAttempt): RetryDecision {
  const isOver = failingForSeconds >= longestFailureSeconds;
  if (kind === 'webhook' && isOver) return { action: 'disable' };
  if (kind === 'email' && (isOver || isPermanent)) return { action: 'give-up' };
  return { action: 'retry', afterSeconds: Math.min(longestSeconds, firstSeconds * 2 ** Math.min(attempts - 1, 20)) };
}
