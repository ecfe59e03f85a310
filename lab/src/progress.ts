/** Tells a person about one step while it runs, and gives back the step's result. */
export type Progress = <T>(what: string, step: () => Promise<T>) => Promise<T>;

/** No reports: for tests and machine-readable output. */
export const silentProgress: Progress = (_what, step) => step();

/** A line when a step starts and its time when it ended, through `write`. */
export function lineProgress(write: (line: string) => void): Progress {
  return async (what, step) => {
    const started = performance.now();
    write(`${what} ...`);
    const result = await step();
    write(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return result;
  };
}
