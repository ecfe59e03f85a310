const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The longest duration that anyone may mean: a hundred years. */
const longestSeconds = 3_155_760_000;

/** Seconds of a duration as people write it: `90s`, `15m`, `2h`, `30d`, `1h30m`; undefined for anything else, or more than a hundred years. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,12}[smhdw])+$/u.test(text)) return undefined;
  const parts = text.matchAll(/(\d+)([smhdw])/gu);
  const seconds = [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0), 0);
  return seconds <= longestSeconds ? seconds : undefined;
}
