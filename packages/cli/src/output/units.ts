import { styleText } from 'node:util';
import type { HealthState } from '@muster/api';

/** A duration as people say it: the two largest units. */
export function duration(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

/** Memory in GiB, one decimal below ten. */
export function memory(bytes: number): string {
  const gib = bytes / 1024 ** 3;
  return `${gib < 10 ? gib.toFixed(1) : Math.round(gib)} GiB`;
}

/** A size in the largest unit of which there is at least one, decimal as disks are sold. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  const value = count / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}

const colours = { good: 'green', degraded: 'yellow', bad: 'red', unknown: 'gray' } as const;

/** A health state, coloured on a terminal only. */
export const health = (state: HealthState): string => styleText(colours[state], state, { stream: process.stdout });

/** A moment to the minute, as tables show it: `2026-01-31 18:00`, in UTC. */
export const minute = (at: string | null, otherwise = '-'): string => at?.slice(0, 16).replace('T', ' ') ?? otherwise;
