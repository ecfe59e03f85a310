import { expect, it } from 'vitest';
import { leastBetweenRenewalsMs, renewalDueAtMs, renewalNowMs, retryRenewalMs, untilNextLookMs } from './renewal-schedule.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const validity = (serial: string, days: number) => ({ serial, notBeforeMs: 1_000_000, notAfterMs: 1_000_000 + days * dayMs });

it('is due at two thirds of the life, spread over a tenth of it, always the same for one certificate', () => {
  const shares = Array.from({ length: 500 }, (_, index) => (renewalDueAtMs(validity(`${index}`, 90)) - 1_000_000) / (90 * dayMs));
  expect(Math.min(...shares)).toBeGreaterThan(2 / 3 - 0.05);
  expect(Math.max(...shares)).toBeLessThan(2 / 3 + 0.05);
  expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.09);
  expect(renewalDueAtMs(validity('a', 90))).toBe(renewalDueAtMs(validity('a', 90)));
});

it('looks at least every hour, and does not spin', () => {
  expect(untilNextLookMs(0, 90 * dayMs)).toBe(hourMs);
  expect(untilNextLookMs(0, 60_000)).toBe(60_000);
  expect(untilNextLookMs(100, 0)).toBe(200);
});

it("goes by the later of the node's clock and the time since the start", () => {
  expect(renewalNowMs(1000, 900, 50)).toBe(1000);
  expect(renewalNowMs(100, 900, 50)).toBe(950);
});

it('tries again after a failure, longer each time, well before a short certificate ends', () => {
  const random = (): number => 1 - Number.EPSILON;
  const long = [0, 1, 2, 10].map((failures) => Math.round(retryRenewalMs(failures, validity('a', 90), random) / 60_000));
  expect(long).toEqual([1, 2, 4, 60]);
  expect(retryRenewalMs(10, validity('a', 1 / 24), random)).toBeLessThanOrEqual(hourMs / 20);
  expect(retryRenewalMs(0, validity('a', 90), () => 0)).toBe(30_000);
});

it('never renews more than six times in the life of a certificate', () => {
  expect(leastBetweenRenewalsMs(validity('a', 90))).toBe(15 * dayMs);
});
