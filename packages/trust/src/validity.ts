import { TrustError } from './trust-error.ts';

/** From when and until when a certificate is good, in whole seconds as certificates have them. */
export type Validity = { readonly notBefore: Date; readonly notAfter: Date };

const dayMs = 86_400_000;
/** A year with its share of leap days. */
const yearDays = 365.25;
const shortestLifetimeDays = 1 / 24;
const longestLifetimeDays = Math.ceil(10 * yearDays);

/*
 * Certificates begin a little before they are made: the host that uses one at once may have a clock that is behind the server's, and
 * would find it not yet valid.
 */
const backDatingMs = 5 * 60_000;

const wholeSeconds = (timeMs: number): Date => new Date(Math.floor(timeMs / 1000) * 1000);

/** The validity of an authority's own certificate. */
export function authorityValidity(now: Date, lifetimeYears: number): Validity {
  return {
    notBefore: wholeSeconds(now.getTime() - backDatingMs),
    notAfter: wholeSeconds(now.getTime() + lifetimeYears * yearDays * dayMs),
  };
}

function requireLifetime(lifetimeDays: number): void {
  if (lifetimeDays >= shortestLifetimeDays && lifetimeDays <= longestLifetimeDays) return;
  throw new TrustError({
    code: 'invalid-lifetime',
    what: `a certificate cannot live ${lifetimeDays} days`,
    advice: `Choose between 1 hour (${shortestLifetimeDays.toFixed(4)} days) and 10 years (${longestLifetimeDays} days).`,
  });
}

function requireLivingAuthority(issuer: Validity, now: Date): void {
  const time = now.getTime();
  if (time < issuer.notBefore.getTime()) {
    throw new TrustError({
      code: 'authority-not-yet-valid',
      what: `the authority begins at ${issuer.notBefore.toISOString()}, the server's clock says ${now.toISOString()}`,
      advice: 'Set the clock of the server right, then try again.',
    });
  }
  if (time < issuer.notAfter.getTime()) return;
  throw new TrustError({
    code: 'authority-expired',
    what: `the authority ended at ${issuer.notAfter.toISOString()} and can sign nothing more`,
    advice: 'Make a new authority and enrol the nodes under it; if the date is wrong, set the clock of the server right.',
  });
}

/**
 * The validity of a node's or server's certificate made now; it never outlives its issuer, and `clipped` says when it had to be cut.
 * @throws TrustError `invalid-date`, `invalid-lifetime`, `authority-expired`, `authority-not-yet-valid`
 */
export function leafValidity(wish: {
  readonly now: Date;
  readonly lifetimeDays: number;
  readonly issuer: Validity;
}): Validity & { readonly clipped: boolean } {
  const { now, lifetimeDays, issuer } = wish;
  if (!Number.isFinite(now.getTime()))
    throw new TrustError({ code: 'invalid-date', what: 'the time given is not a time', advice: 'Pass the current time.' });
  requireLifetime(lifetimeDays);
  requireLivingAuthority(issuer, now);
  const wanted = wholeSeconds(now.getTime() + lifetimeDays * dayMs);
  const clipped = wanted > issuer.notAfter;
  return { notBefore: wholeSeconds(now.getTime() - backDatingMs), notAfter: clipped ? issuer.notAfter : wanted, clipped };
}
