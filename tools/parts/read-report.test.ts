import { describe, expect, it } from 'vitest';
import { readReport } from './read-report.ts';

const test = (status: string, fullName = 'adds') => ({ status, fullName });
const file = (status: string, assertionResults: readonly object[], message = '') => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults,
});
const report = (numbers: object, testResults: readonly object[] = []): string =>
  JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults, ...numbers });

describe('readReport', () => {
  it('counts what passed, failed and was skipped', () => {
    const text = report({ numPassedTests: 3, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 }, [
      file('failed', [test('failed'), test('passed')]),
    ]);
    expect(readReport(text, 1, false)).toEqual({ passed: 3, failed: 1, skipped: 2, problems: ['failed: adds'] });
  });

  it('finds nothing wrong with a run in which all passed', () => {
    expect(readReport(report({ numPassedTests: 3 }), 0, true)).toEqual({ passed: 3, failed: 0, skipped: 0, problems: [] });
  });

  it('counts a file that could not be loaded', () => {
    const text = report({ numPassedTests: 3 }, [file('failed', [], 'no such module')]);
    expect(readReport(text, 1, false)).toMatchObject({ failed: 1, problems: ['not loaded: a.test.ts: no such module'] });
  });

  it('fails when no test ran', () => {
    expect(readReport(report({}), 0, false)).toMatchObject({ failed: 1, problems: ['no test ran'] });
    expect(readReport(report({ numPendingTests: 4 }), 0, false)).toMatchObject({ failed: 1, problems: ['no test ran'] });
  });

  it('fails on a skipped test only where nothing may be left out', () => {
    const text = report({ numPassedTests: 3, numTodoTests: 1 });
    expect(readReport(text, 0, false)).toMatchObject({ failed: 0, skipped: 1 });
    expect(readReport(text, 0, true)).toMatchObject({ failed: 1, skipped: 1 });
  });

  it('fails when vitest ended badly though each test passed', () => {
    expect(readReport(report({ numPassedTests: 3 }), 1, false)).toMatchObject({ passed: 3, failed: 1 });
    expect(readReport(report({ numPassedTests: 3 }), null, false)).toMatchObject({ failed: 1 });
    expect(readReport(undefined, 1, false)).toMatchObject({ passed: 0, failed: 1 });
  });
});
