import type { FleetFigures } from '@muster/api';
import type { FakeHandlers } from './call.ts';

/** A day of a fleet: a bad hour in the night, and a gap while no server ran. */
function fleetFigures(untilMs: number): FleetFigures {
  const stepSeconds = 300;
  const count = 288;
  const first = Math.floor(untilMs / 1000 / stepSeconds) * stepSeconds - (count - 1) * stepSeconds;
  const times = Array.from({ length: count }, (_, at) => first + at * stepSeconds);
  const series = (value: (at: number) => number) => times.map((_, at) => (at >= 200 && at < 206 ? null : Math.max(0, value(at))));
  const isBadHour = (at: number) => at >= 90 && at < 102;
  const wave = (at: number, size: number) => size * (1 + Math.sin(at / 9)) + ((at * 7919) % 13) / 13;
  return {
    since: new Date(first * 1000).toISOString(),
    until: new Date(untilMs).toISOString(),
    stepSeconds,
    times,
    nodes: {
      good: series((at) => (isBadHour(at) ? 48 : 64)),
      degraded: series((at) => (at % 40 < 6 ? 2 : 1)),
      bad: series((at) => (isBadHour(at) ? 16 : 0)),
      unknown: series(() => 1),
    },
    heartbeatAgeSeconds: {
      p50: series((at) => 2 + wave(at, 0.2)),
      p95: series((at) => 5 + wave(at, 0.6)),
      max: series((at) => (isBadHour(at) ? 60 * (at - 89) : 9 + wave(at, 1))),
    },
    tasks: ['rotate', 'exec'].map((kind, index) => ({
      kind,
      ended: series((at) => (at % 24 === index ? 12 : 0)),
      failed: series((at) => (at % 96 === index ? 1 : 0)),
      p50Seconds: series((at) => 1.2 * (index + 1) + wave(at, 0.3)),
      p95Seconds: series((at) => 4 * (index + 1) + wave(at, 1)),
    })),
  };
}

/** Figures over time. */
export const figureHandlers: FakeHandlers = { getFleetFigures: () => fleetFigures(Date.now()) };
