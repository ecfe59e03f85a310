import { reasonOfFailure, type RunProgram } from '../run-program.ts';
import { wantedProperties, type UnitProperties } from './service-state.ts';

/** Properties per asked unit, in the order asked, or why there are none. */
export type ShownUnits = { readonly units: readonly UnitProperties[] } | { readonly failure: string };

const limits = { timeoutMs: 8_000, maxOutputBytes: 1_048_576 };

/** Asks systemd for the state of all `names` (no patterns) in one call. */
export async function showUnits(run: RunProgram, names: readonly string[]): Promise<ShownUnits> {
  const result = await run(['systemctl', 'show', `--property=${wantedProperties.join(',')}`, '--', ...names], limits);
  const failure = reasonOfFailure(result);
  if (failure !== undefined || result.kind !== 'done') return { failure: `systemctl show: ${failure ?? 'no answer'}` };
  const units = parseShow(result.stdout);
  // Blocks carry the name of the unit behind an alias, so only their order says which is which.
  if (units.length !== names.length) return { failure: `systemctl show: ${units.length} answers for ${names.length} units` };
  return { units };
}

/** Blocks of `key=value` lines, parted by empty lines. */
export function parseShow(text: string): readonly UnitProperties[] {
  return text
    .split(/\n{2,}/u)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => new Map(block.split('\n').flatMap(parsePair)));
}

function parsePair(line: string): [string, string][] {
  const at = line.indexOf('=');
  return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
}
