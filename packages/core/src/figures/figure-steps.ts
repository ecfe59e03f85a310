/** Of what time is asked, milliseconds since the epoch; `stepSeconds` where the asker wants a certain one. */
export type FigureSpan = { readonly sinceMs: number; readonly untilMs: number; readonly nowMs: number; readonly stepSeconds?: number };

/** How it is answered: from samples of which resolution, in steps of which length, from which moment on. */
export type FigureSteps = {
  readonly resolutionSeconds: number;
  readonly stepSeconds: number;
  /** Begin of the first step, seconds since the epoch. */
  readonly firstSeconds: number;
  readonly count: number;
};

/** What is kept for how long: minutes for a day, ten minutes for 30 days, hours for a year. */
export const figureResolutions = [
  { resolutionSeconds: 60, keptSeconds: 86_400 },
  { resolutionSeconds: 600, keptSeconds: 30 * 86_400 },
  { resolutionSeconds: 3600, keptSeconds: 365 * 86_400 },
] as const;

/** What was asked cannot be drawn; the message says why. */
export type FigureRefusal = { readonly path: 'since' | 'until' | 'step'; readonly message: string };

const usualPoints = 300;
/** A moment that has just passed a limit of what is kept is still there: samples are thinned out some minutes later. */
const leewaySeconds = 60;
const steps = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Chooses steps for a plot. Pure: what time it is comes in. */
export function figureSteps(span: FigureSpan, mostPoints: number): FigureSteps | FigureRefusal {
  const lengthSeconds = (span.untilMs - span.sinceMs) / 1000;
  if (lengthSeconds <= 0) return { path: 'since', message: 'the begin must be before the end' };
  const ageSeconds = (span.nowMs - span.sinceMs) / 1000;
  const oldest = figureResolutions.at(-1)?.keptSeconds ?? 0;
  if (ageSeconds > oldest + 86_400) return { path: 'since', message: 'a year is kept, no more' };
  const { resolutionSeconds } = figureResolutions.find(({ keptSeconds }) => ageSeconds <= keptSeconds + leewaySeconds) ?? {
    resolutionSeconds: 3600,
  };
  const wanted = span.stepSeconds ?? steps.find((step) => lengthSeconds / step <= usualPoints) ?? 86_400;
  const stepSeconds = Math.ceil(Math.max(wanted, resolutionSeconds) / resolutionSeconds) * resolutionSeconds;
  const firstSeconds = Math.floor(span.sinceMs / 1000 / stepSeconds) * stepSeconds;
  const count = Math.ceil((span.untilMs / 1000 - firstSeconds) / stepSeconds);
  if (count > mostPoints)
    return { path: 'step', message: `that makes ${count} points; at most ${mostPoints} are given. Take a longer step or a shorter time` };
  return { resolutionSeconds, stepSeconds, firstSeconds, count };
}
