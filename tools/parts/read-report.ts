import type { PartResult } from './part.ts';

/** What vitest's JSON reporter writes; the parts used here. */
export type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
};

/**
 * Reads the report of one run. A file that could not be loaded counts as one failure, so does a run that ended badly
 * without saying which test, one in which no test ran, and, where nothing may be left out, one that skipped a test.
 */
export function readReport(text: string | undefined, status: number | null, isStrict: boolean): PartResult {
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0, problems: [`vitest ended with status ${status} and left no report`] };
  const report = JSON.parse(text) as Report;
  const skipped = report.numPendingTests + report.numTodoTests;
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failures = report.testResults.flatMap((file) =>
    file.assertionResults.filter((test) => test.status === 'failed').map((test) => `failed: ${test.fullName}`),
  );
  const odd = [
    ...unloaded.map((file) => `not loaded: ${file.name}: ${file.message}`),
    ...(report.numPassedTests + report.numFailedTests === 0 ? ['no test ran'] : []),
    ...(isStrict && skipped > 0 ? [`${skipped} tests were skipped, and with CI=true none may be`] : []),
  ];
  const unexplained =
    status !== 0 && failures.length + odd.length === 0 ? [`vitest ended with status ${status}, though no test failed`] : [];
  const problems = [...odd, ...unexplained];
  return { passed: report.numPassedTests, failed: report.numFailedTests + problems.length, skipped, problems: [...failures, ...problems] };
}
