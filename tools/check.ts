import { writeDoorsTable } from './check/doors.ts';
import { describeResult, runChecks } from './check/run-checks.ts';
import { installed, runProgram } from './run-program.ts';

/* `npm run check`: every check, one line each; `npm run fix` first mends what can be mended without thought. */
if (process.argv.includes('--fix')) {
  writeDoorsTable();
  await runProgram([...installed('oxlint/bin/oxlint'), '--fix']);
  await runProgram([...installed('oxfmt/bin/oxfmt')]);
}
const results = await runChecks((result) => process.stdout.write(`${describeResult(result)}\n`));
const failed = results.filter((result) => result.problems.length > 0);
process.stdout.write(failed.length === 0 ? 'All checks passed.\n' : `Failed: ${failed.map((result) => result.name).join(', ')}.\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
