import { allParts } from './parts/all-parts.ts';
import type { Part, PartResult } from './parts/part.ts';

/*
 * `npm test`: check, unit, integration, panel, lab. `npm test -- unit` runs one part and shows its output as it comes;
 * what follows goes to vitest, as in `npm test -- unit packages/core`. With CI=true nothing may be left out.
 */
const isStrict = process.env['CI'] === 'true';
const words = process.argv.slice(2);
const names = new Set(allParts({ isStrict, more: [] }).map((part) => part.name));
const wanted = words.filter((word) => names.has(word));
const more = words.filter((word) => !names.has(word));
const parts = allParts({ isStrict, more }).filter((part) => wanted.length === 0 || wanted.includes(part.name));

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const isLive = parts.length === 1;

async function runPart(part: Part): Promise<PartResult> {
  const start = performance.now();
  const reason = await part.missing();
  if (reason !== undefined && !isStrict) {
    print(`LEFT OUT  ${part.name}: ${reason}`);
    return { passed: 0, failed: 0, skipped: 0, problems: [] };
  }
  const result = reason === undefined ? await part.run(isLive) : failure(`cannot run here, and with CI=true it must: ${reason}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(`${result.failed === 0 ? 'PASS' : 'FAIL'}  ${part.name.padEnd(12)} ${seconds.padStart(6)} s  ${counts(result)}`);
  for (const name of result.unstable ?? []) print(`      UNSTABLE, failed the first time and passed the second: ${name}`);
  for (const problem of result.problems) print(`      ${problem.replaceAll('\n', '\n      ')}`);
  return result;
}

const failure = (problem: string): PartResult => ({ passed: 0, failed: 1, skipped: 0, problems: [problem] });

/** The last line of the run has this form too: other programs read it. */
const counts = ({ passed, failed, skipped }: Omit<PartResult, 'problems'>): string =>
  `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;

if (wanted.length === 0 && more.length > 0) {
  print(`There is no part '${more[0]}'. Parts: ${[...names].join(', ')}.`);
  process.exitCode = 2;
} else {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) {
    const result = await runPart(part).catch((error: unknown) => {
      print(`FAIL  ${part.name}`);
      print(`      ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return failure('broke down');
    });
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
    if (process.exitCode === 130) break;
  }
  if (total.failed > 0) process.exitCode ??= 1;
  print(counts(total));
}
