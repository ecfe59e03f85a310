import type { ReadyRule, Schedule } from '../picture/elastic-picture.ts';

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;
/** 1 January 1970 was a Thursday. */
const firstWeekday = 4;

/** How many machines are to be kept ready now: without work, and in all. Of several rules of a kind that hold, the largest counts. */
export function readyNodes(rules: readonly ReadyRule[], nowMs: number): { spare: number; total: number } {
  const of = (kind: ReadyRule['kind']): number =>
    Math.max(0, ...rules.filter((rule) => rule.kind === kind && holds(rule.schedule, nowMs)).map(({ nodes }) => nodes));
  return { spare: of('spare'), total: of('total') };
}

function holds(schedule: Schedule | null, nowMs: number): boolean {
  if (schedule === null) return true;
  const { days, fromMinute, toMinute, utcOffsetMinutes } = schedule;
  const minutes = Math.floor(nowMs / minuteMs) + utcOffsetMinutes;
  const [day, minute] = [Math.floor(minutes / minutesOfDay), ((minutes % minutesOfDay) + minutesOfDay) % minutesOfDay];
  const isOn = (at: number): boolean => days.length === 0 || days.includes((((at + firstWeekday) % 7) + 7) % 7);
  if (fromMinute <= toMinute) return isOn(day) && minute >= fromMinute && minute < toMinute;
  // Over midnight: the morning belongs to the day before.
  return (isOn(day) && minute >= fromMinute) || (isOn(day - 1) && minute < toMinute);
}
