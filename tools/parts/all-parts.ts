import { describeResult, runChecks } from '../check/run-checks.ts';
import { missingForIntegration, missingForLab, missingForPanel } from './machine.ts';
import type { Part, PartResult } from './part.ts';
import { runVitest } from './run-vitest.ts';

export type PartOptions = { readonly isStrict: boolean; readonly more: readonly string[] };

const nothingMissing = (): Promise<undefined> => Promise.resolve(undefined);

/** The parts of `npm test` in their order: what fails fastest first. */
export function allParts(options: PartOptions): readonly Part[] {
  const vitest = (project: string, limitMinutes: number, missing: Part['missing'], workers = 2): Part => ({
    name: project,
    missing,
    run: (live) => runVitest({ ...options, project, limitMinutes, workers, live }),
  });
  return [
    { name: 'check', missing: nothingMissing, run: runCheckPart },
    vitest('unit', 10, nothingMissing),
    vitest('integration', 30, missingForIntegration),
    vitest('panel', 15, missingForPanel),
    // A lab waits more than it works: for machines to boot, for what was lost to be missed.
    vitest('lab', 60, missingForLab, 3),
  ];
}

/** Each check counts as one test. */
async function runCheckPart(live: boolean): Promise<PartResult> {
  const results = await runChecks((result) => {
    if (live) process.stdout.write(`${describeResult(result)}\n`);
  });
  const failed = results.filter((result) => result.problems.length > 0);
  const problems = live ? [] : failed.flatMap((result) => describeResult(result).split('\n'));
  return { passed: results.length - failed.length, failed: failed.length, skipped: 0, problems };
}
