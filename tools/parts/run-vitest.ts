import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { root } from '../lint/project.ts';
import { installed, projectEnvironment } from '../run-program.ts';
import { findLeftBehind, runMark } from './left-behind.ts';
import type { PartResult } from './part.ts';
import { readReport, type Report } from './read-report.ts';
import { combineRuns, filesToRepeat } from './second-run.ts';

export type VitestRun = {
  /** The project of vitest.config.ts. */
  readonly project: string;
  readonly limitMinutes: number;
  /** Files at the same time. */
  readonly workers: number;
  /** Whether a skipped test is a failure. */
  readonly isStrict: boolean;
  /** Show vitest's own output as it comes, besides keeping it under test-results/. */
  readonly live: boolean;
  /** Further arguments for vitest, as the names of files. */
  readonly more: readonly string[];
};

const results = join(root, 'test-results');

/**
 * Runs one project of the tests and counts what happened; ends whatever its tests left running. Where nothing may be left out, the few files
 * that failed run a second time, one after the other: a busy machine should not refuse good work, and what was unstable is named.
 */
export async function runVitest(run: VitestRun): Promise<PartResult> {
  const first = await runOnce(run, run.project);
  const files = run.isStrict ? filesToRepeat(first.report) : [];
  if (first.report === undefined || files.length === 0) return resultOf([first], first.result);
  const second = await runOnce({ ...run, workers: 1, more: files }, `${run.project}-again`);
  return resultOf([first, second], combineRuns(first.report, second.result));
}

type OneRun = {
  readonly result: PartResult;
  readonly report: Report | undefined;
  /** Processes that outlived it, in words. */
  readonly left: readonly string[];
  /** Vitest's own words about what failed. */
  readonly shown: readonly string[];
};

/** One run. `name` is that of its report and log. */
async function runOnce(run: VitestRun, name: string): Promise<OneRun> {
  mkdirSync(results, { recursive: true });
  const reportFile = join(results, `${name}.json`);
  const logFile = join(results, `${name}.log`);
  rmSync(reportFile, { force: true });
  const mark = randomUUID();
  const status = await runToEnd(run, reportFile, logFile, mark);
  const text = readIfThere(reportFile);
  const result = readReport(text, status, run.isStrict);
  const processes = await findLeftBehind(mark, 3000);
  for (const { pid } of processes) endProcess(pid);
  return {
    result,
    report: text === undefined ? undefined : (JSON.parse(text) as Report),
    left: processes.map(({ pid, command }) => `left running after the tests: process ${pid}, ${command}`),
    shown: result.problems.length > 0 && !run.live ? [`the whole output is in ${logFile}:`, ...failuresIn(readIfThere(logFile) ?? '')] : [],
  };
}

/** The result of a part from its runs: a process that one of them left behind is a failure, whatever its tests say. */
function resultOf(runs: readonly OneRun[], result: PartResult): PartResult {
  const left = runs.flatMap((one) => one.left);
  const shown = runs.flatMap((one) => one.shown);
  return { ...result, failed: result.failed + left.length, problems: [...left, ...result.problems, ...shown] };
}

async function runToEnd(
  { project, limitMinutes, workers, live, more }: VitestRun,
  reportFile: string,
  logFile: string,
  mark: string,
): Promise<number | null> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const [program = '', ...args] = [
    ...installed('vitest/vitest.mjs'),
    'run',
    '--project',
    project,
    `--maxWorkers=${workers}`,
    ...reporters,
    ...more,
  ];
  const environment = { [runMark]: mark, ...(live ? {} : { NO_COLOR: '1' }) };
  // A group of its own, so that a run beyond its limit is ended with all its workers.
  const child = spawn(program, args, {
    cwd: root,
    env: projectEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const log = createWriteStream(logFile);
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    if (live) stream.pipe(process.stdout, { end: false });
  }
  const limit = setTimeout(() => endGroup(child), limitMinutes * 60_000);
  const interrupted = (): void => {
    endGroup(child);
    process.exitCode = 130;
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(limit);
  process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
  await finished(log.end());
  return status;
}

function endGroup(child: ChildProcess): void {
  if (child.pid !== undefined) endProcess(-child.pid);
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Vitest's own account of the failures, which it gives at the end under a heading; else the last lines. */
function failuresIn(log: string): string[] {
  const lines = log.trimEnd().split('\n');
  const start = lines.findIndex((line) => /⎯ (?:Failed|Unhandled) /u.test(line));
  return start === -1 ? lines.slice(-40) : lines.slice(start, start + 300);
}
