import { describe, expect, it } from 'vitest';
import { drawFigures, type FleetSample, type TaskSample } from './draw-figures.ts';

const steps = { resolutionSeconds: 60, stepSeconds: 120, firstSeconds: 1200, count: 3 };
const fleet = (atSeconds: number, rest: Partial<FleetSample> = {}): FleetSample => ({
  atSeconds,
  minutes: 1,
  good: 4,
  degraded: 0,
  bad: 0,
  unknown: 1,
  ageP50: 2,
  ageP95: 4,
  ageMax: 5,
  ...rest,
});
const task = (atSeconds: number, rest: Partial<TaskSample> = {}): TaskSample => ({
  atSeconds,
  kind: 'service',
  ended: 1,
  failed: 0,
  p50Seconds: 1,
  p95Seconds: 2,
  ...rest,
});

describe('the plots', () => {
  it('have one value for each step, and none where nothing was sampled', () => {
    const drawn = drawFigures(steps, [fleet(1200), fleet(1260), fleet(1440)], []);
    expect(drawn.times).toEqual([1200, 1320, 1440]);
    expect(drawn.nodes.good).toEqual([4, null, 4]);
    expect(drawn.heartbeatAgeSeconds.max).toEqual([5, null, 5]);
    expect(drawn.tasks).toEqual([]);
  });

  it('show the mean number of nodes, by minutes, and the worst age', () => {
    const { nodes, heartbeatAgeSeconds } = drawFigures(
      steps,
      [fleet(1200, { good: 10, minutes: 3, ageMax: 9 }), fleet(1260, { good: 2, ageP50: null, ageMax: 7 })],
      [],
    );
    expect(nodes.good[0]).toBe(8);
    expect(heartbeatAgeSeconds).toMatchObject({ p50: [2, null, null], max: [9, null, null] });
    expect(drawFigures(steps, [fleet(1200, { ageP50: null, ageP95: null, ageMax: null })], []).heartbeatAgeSeconds.p50[0]).toBeNull();
  });

  it('leave out what is before the first step or after the last', () => {
    expect(drawFigures(steps, [fleet(1199), fleet(1560)], [task(1199), task(1560)]).nodes.good).toEqual([null, null, null]);
  });

  it('show tasks by kind: none where none ended, unknown where nothing was sampled', () => {
    const { tasks } = drawFigures(
      steps,
      [fleet(1200), fleet(1320)],
      [
        task(1200, { ended: 3, failed: 1, p50Seconds: 2, p95Seconds: 8 }),
        task(1260, { ended: 1, p50Seconds: 6, p95Seconds: 6 }),
        task(1320, { kind: 'exec', ended: 2, p50Seconds: null, p95Seconds: null }),
      ],
    );
    expect(tasks).toEqual([
      { kind: 'exec', ended: [0, 2, null], failed: [0, 0, null], p50Seconds: [null, null, null], p95Seconds: [null, null, null] },
      { kind: 'service', ended: [4, 0, null], failed: [1, 0, null], p50Seconds: [3, null, null], p95Seconds: [8, null, null] },
    ]);
  });
});
