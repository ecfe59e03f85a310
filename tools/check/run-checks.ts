import { installed, runProgram } from '../run-program.ts';
import { checkHouse } from './house.ts';
import { checkLint } from './lint.ts';
import { resultOf, type Step, type StepResult } from './step.ts';

/** A step's result with the time its program took. */
export type TimedResult = StepResult & { readonly seconds: number };

const program = (name: string, command: readonly string[]): Step => ({
  names: [name],
  run: async () => {
    const { status, stdout, stderr } = await runProgram(command);
    return [resultOf(name, status, stdout + stderr)];
  },
});

const tsc = installed('typescript/bin/tsc');
const steps: readonly Step[] = [
  program('format', [...installed('oxfmt/bin/oxfmt'), '--list-different']),
  { names: ['lint', 'doors', 'budgets'], run: checkLint },
  { names: ['house'], run: async () => [checkHouse()] },
  program('types', [...tsc, '-p', 'tsconfig.json']),
  program('types of the panel', [...tsc, '-p', 'packages/panel/tsconfig.json']),
  program('unused', [...installed('knip/bin/knip.js'), '--no-progress', '--no-config-hints']),
];

/** Runs every check, two at a time, all of them even when one fails; tells each result as it comes. */
export async function runChecks(tell: (result: TimedResult) => void): Promise<readonly TimedResult[]> {
  const waiting = [...steps];
  const results: TimedResult[] = [];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const start = performance.now();
      const answered = await answersOf(step);
      const seconds = (performance.now() - start) / 1000;
      for (const result of answered.map((one) => ({ ...one, seconds }))) {
        results.push(result);
        tell(result);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** A step that breaks down is a check that failed, not an end of the checking. */
async function answersOf(step: Step): Promise<readonly StepResult[]> {
  try {
    return await step.run();
  } catch (error) {
    return step.names.map((name) => ({ name, problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)] }));
  }
}

/** A result as a person reads it: one line, and what is wrong below it. */
export function describeResult({ name, problems, note, seconds }: TimedResult): string {
  const head = `${problems.length === 0 ? 'PASS' : 'FAIL'}  ${name.padEnd(20)} ${seconds.toFixed(1).padStart(5)} s${note === undefined ? '' : `  ${note}`}`;
  return [head, ...problems.flatMap((problem) => problem.split('\n')).map((line) => `      ${line}`)].join('\n');
}
