import { reasonOfFailure, type RunProgram } from '../run-program.ts';
import { problemOfUnitName } from '../config/unit-name.ts';

/** Names of the loaded units that match, or why they are not known. */
export type ListedUnits = { readonly names: readonly string[] } | { readonly failure: string };

const limits = { timeoutMs: 8_000, maxOutputBytes: 1_048_576 };

/** The loaded units that match any of `patterns`, in systemd's order. */
export async function listUnits(run: RunProgram, patterns: readonly string[]): Promise<ListedUnits> {
  const result = await run(
    ['systemctl', 'list-units', '--all', '--plain', '--full', '--no-legend', '--no-pager', '--', ...patterns],
    limits,
  );
  const failure = reasonOfFailure(result);
  if (failure !== undefined || result.kind !== 'done') return { failure: `systemctl list-units: ${failure ?? 'no answer'}` };
  return { names: parseList(result.stdout) };
}

/** First word of each line; older versions put a mark in front of failed units even in plain form. */
export function parseList(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => /^[^A-Za-z0-9:_.\\@-]*(\S+)/u.exec(line)?.[1] ?? '')
    .filter((name) => problemOfUnitName(name) === undefined);
}
