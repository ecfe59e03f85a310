import { TrustError } from './trust-error.ts';

/** When in a certificate's life it is renewed, as a share of that life. */
const renewalShare = 2 / 3;
/** How far nodes spread around that moment, so that a fleet enrolled in one minute does not renew in one minute. */
const jitterShare = 0.05;

/** A certificate's dates, the time, and a random number in [0, 1). */
export type RenewalTimes = {
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly now: Date;
  readonly random: number;
};

/**
 * Seconds until the certificate should be renewed: two thirds of its life, give or take 5 % of it; 0 when that is past.
 * Can be more than the 24.8 days that `setTimeout` takes (it would fire at once): wait in shorter steps, and ask again after each.
 * @throws TrustError `invalid-date` when a date is not one, or the life ends before it begins.
 */
export function renewalDelaySeconds({ notBefore, notAfter, now, random }: RenewalTimes): number {
  const begin = notBefore.getTime();
  const life = notAfter.getTime() - begin;
  const delay = begin + life * (renewalShare + (random * 2 - 1) * jitterShare) - now.getTime();
  if (Number.isFinite(delay) && life > 0) return Math.max(0, delay / 1000);
  throw new TrustError({
    code: 'invalid-date',
    what: 'the dates of this certificate make no sense, so there is no time to renew it',
    advice: 'Look at it with openssl x509 -dates, and enrol the node again if it is damaged.',
  });
}
