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

const colours = { good: 'green', degraded: 'yellow', bad: 'red', unknown: 'gray' } as const;

/** A health state, coloured on a terminal only. */
export const health = (state: HealthState): string => styleText(colours[state], state, { stream: process.stdout });
