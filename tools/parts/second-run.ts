import type { PartResult } from './part.ts';
import { readReport, type Report } from './read-report.ts';

/** More failed files than this are no accident of timing. */
const mostRepeated = 3;

/** The files worth a second run: those that failed, unless so many did that it is no accident. Pure. */
export function filesToRepeat(report: Report | undefined): string[] {
  const failed = report?.testResults.filter(({ status }) => status === 'failed') ?? [];
  return failed.length <= mostRepeated ? failed.map(({ name }) => name) : [];
}

/**
 * What both runs say together: the second stands for its files, the first for all others. What failed only the first time is named as unstable:
 * it passes, and everyone sees it.
 */
export function combineRuns(first: Report, second: PartResult): PartResult {
  const others = { ...first, ...countsWithout(first), testResults: first.testResults.filter(({ status }) => status !== 'failed') };
  const { passed, skipped } = readReport(JSON.stringify(others), 0, false);
  const failures = first.testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed'));
  return {
    passed: passed + second.passed,
    failed: second.failed,
    skipped: skipped + second.skipped,
    problems: second.problems,
    unstable: failures.map(({ fullName }) => fullName).filter((name) => !second.problems.includes(`failed: ${name}`)),
  };
}

/** The report's numbers without the files that failed. */
function countsWithout(report: Report): Pick<Report, 'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests'> {
  const repeated = report.testResults.filter(({ status }) => status === 'failed').flatMap(({ assertionResults }) => assertionResults);
  const count = (status: string): number => repeated.filter((test) => test.status === status).length;
  return {
    numPassedTests: report.numPassedTests - count('passed'),
    numFailedTests: 0,
    numPendingTests: report.numPendingTests - count('pending') - count('skipped'),
    numTodoTests: report.numTodoTests - count('todo'),
  };
}
