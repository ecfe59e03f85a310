import { describe, expect, it } from 'vitest';
import { combineRuns, filesToRepeat } from './second-run.ts';
import { readReport, type Report } from './read-report.ts';

const test = (status: string, fullName = 'adds') => ({ status, fullName });
const file = (name: string, ...tests: { status: string; fullName: string }[]) => ({
  name,
  status: tests.every(({ status }) => status !== 'failed') && tests.length > 0 ? 'passed' : 'failed',
  message: '',
  assertionResults: tests,
});
function report(...testResults: Report['testResults'][number][]): Report {
  const count = (status: string) => testResults.flatMap((one) => one.assertionResults).filter((one) => one.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults,
  };
}
const resultOf = (one: Report, status = 1) => readReport(JSON.stringify(one), status, true);

describe('filesToRepeat', () => {
  it('names the files in which tests failed, and those that could not be begun', () => {
    const one = report(file('a', test('passed')), file('b', test('failed'), test('passed')), file('c'));
    expect(filesToRepeat(one)).toEqual(['b', 'c']);
  });

  it('names none where nothing failed, more than three files did, or there is no report', () => {
    expect(filesToRepeat(report(file('a', test('passed'))))).toEqual([]);
    expect(filesToRepeat(report(...['a', 'b', 'c', 'd'].map((name) => file(name, test('failed')))))).toEqual([]);
    expect(filesToRepeat(undefined)).toEqual([]);
  });
});

describe('combineRuns', () => {
  const first = report(file('a', test('passed', 'x')), file('b', test('failed', 'y'), test('failed', 'z'), test('passed', 'w')));

  it('passes when the second run does, and names what failed before', () => {
    const second = resultOf(report(file('b', test('passed', 'y'), test('passed', 'z'), test('passed', 'w'))), 0);
    expect(combineRuns(first, second)).toEqual({ passed: 4, failed: 0, skipped: 0, problems: [], unstable: ['y', 'z'] });
  });

  it('fails when the second run fails, for its reasons', () => {
    const second = resultOf(report(file('b', test('failed', 'y'), test('passed', 'z'), test('passed', 'w'))));
    expect(combineRuns(first, second)).toEqual({ passed: 3, failed: 1, skipped: 0, problems: ['failed: y'], unstable: ['z'] });
  });
});
