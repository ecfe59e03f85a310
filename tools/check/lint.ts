import { installed, runProgram } from '../run-program.ts';
import { checkDoors } from './doors.ts';
import type { StepResult } from './step.ts';

/** What oxlint reports in its JSON; the parts used here. */
type Diagnostic = {
  readonly message: string;
  readonly code?: string;
  readonly filename?: string;
  readonly labels?: readonly { readonly span: { readonly line: number; readonly column: number } }[];
};

const doorRules = new Set(['muster(rooms)', 'muster(pure-core)', 'muster(no-shell-string)', 'import(no-cycle)']);
const budgetRules = new Set(['eslint(complexity)', 'eslint(max-lines-per-function)', 'eslint(max-depth)']);

/** One run of oxlint, told as three lines: it reads every file once for all of them. */
export async function checkLint(): Promise<readonly StepResult[]> {
  const { status, stdout, stderr } = await runProgram([...installed('oxlint/bin/oxlint'), '-f', 'json']);
  const diagnostics = readDiagnostics(stdout);
  if (diagnostics === undefined || (status !== 0 && diagnostics.length === 0)) {
    return [{ name: 'lint', problems: [`oxlint did not finish (status ${status}):`, stdout, stderr] }];
  }
  const told = (wanted: (code: string) => boolean): string[] => diagnostics.filter(({ code = '' }) => wanted(code)).map(lineOf);
  return [
    { name: 'lint', problems: told((code) => !doorRules.has(code) && !budgetRules.has(code)) },
    { name: 'doors', problems: [...told((code) => doorRules.has(code)), ...checkDoors()] },
    { name: 'budgets', problems: told((code) => budgetRules.has(code)) },
  ];
}

function readDiagnostics(output: string): readonly Diagnostic[] | undefined {
  try {
    return (JSON.parse(output) as { diagnostics: readonly Diagnostic[] }).diagnostics;
  } catch {
    return undefined;
  }
}

function lineOf({ filename, labels, message, code }: Diagnostic): string {
  const span = labels?.[0]?.span;
  const place = span === undefined ? (filename ?? '') : `${filename}:${span.line}:${span.column}`;
  return `${place}: ${message} [${code ?? 'oxlint'}]`;
}
