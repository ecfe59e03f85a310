import type { Finding } from './checks.ts';

/** As many of one check as a person reads. */
const mostOfOneCheck = 8;

/** Why a host cannot be used, in one sentence, and what to do about it. Pure. */
export function refusal(name: string, errors: readonly Finding[]): string {
  const byCheck = [...Map.groupBy(errors, ({ check }) => check)];
  const texts = byCheck.flatMap(([check, found]) => [
    ...found.slice(0, mostOfOneCheck).map(({ text }) => `${text} (${check})`),
    ...(found.length > mostOfOneCheck ? [`${found.length - mostOfOneCheck} more (${check})`] : []),
  ]);
  const checks = byCheck.map(([check]) => check).join(',');
  return `${name} cannot be used: ${texts.join('; ')}. Mend that, or go on without these checks: --skip-check ${checks}.`;
}
