const minuteMs = 60_000;

/** Whether a machine may be stopped now as far as its paid period goes. */
export type StopWindow = {
  readonly open: boolean;
  /** When the next one opens, always later than now; null where it is always open. */
  readonly nextOpeningMs: number | null;
};

/** What is wrong with windows as configured, or null. */
export function windowsProblem(windowsMinutes: readonly number[]): string | null {
  if (windowsMinutes.length === 1) return 'Windows need at least two numbers: minutes closed, then minutes open.';
  if (windowsMinutes.some((minutes) => !Number.isFinite(minutes) || minutes < 0)) return 'Windows are minutes, 0 or more.';
  const open = windowsMinutes.reduce((sum, minutes, at) => sum + (at % 2 === 1 ? minutes : 0), 0);
  return windowsMinutes.length > 0 && open === 0 ? 'No window is ever open: no machine would be stopped.' : null;
}

/**
 * The window of a machine created at `createdAtMs`: minutes closed and open in turn, repeated for ever; with an odd count the last stretch and
 * the first one are both closed. Both ends are strict, so that a stop is never begun at the very moment that the next period is paid. What
 * `windowsProblem` refuses is never open. The rule is the Arvados Node Manager's.
 */
export function stopWindow(windowsMinutes: readonly number[], createdAtMs: number, nowMs: number): StopWindow {
  if (windowsMinutes.length === 0) return { open: true, nextOpeningMs: null };
  const ageMs = nowMs - createdAtMs;
  let cycleMs = 0;
  for (const minutes of windowsMinutes) cycleMs += minutes * minuteMs;
  if (windowsMinutes.length === 1 || cycleMs <= 0) return { open: false, nextOpeningMs: null };
  const cyclesMs = Math.max(0, Math.floor(ageMs / cycleMs)) * cycleMs;
  const { open, nextOffsetMs } = inCycle(windowsMinutes, ageMs - cyclesMs, cycleMs);
  return { open, nextOpeningMs: createdAtMs + cyclesMs + nextOffsetMs };
}

function inCycle(windowsMinutes: readonly number[], offsetMs: number, cycleMs: number): { open: boolean; nextOffsetMs: number } {
  let startMs = 0;
  let open = false;
  let nextOffsetMs = cycleMs + (windowsMinutes[0] ?? 0) * minuteMs;
  for (let at = 0; at < windowsMinutes.length; at += 1) {
    const endMs = startMs + (windowsMinutes[at] ?? 0) * minuteMs;
    if (at % 2 === 1 && offsetMs > startMs && offsetMs < endMs) open = true;
    if (at % 2 === 1 && startMs > offsetMs && startMs < nextOffsetMs) nextOffsetMs = startMs;
    startMs = endMs;
  }
  return { open, nextOffsetMs };
}
