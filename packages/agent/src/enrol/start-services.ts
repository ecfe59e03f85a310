import { reasonOfFailure, type RunProgram } from '../run-program.ts';

/** A unit that was not started, and why, in a few words. */
export type NotStarted = { readonly unit: string; readonly reason: string };

const limits = { timeoutMs: 30_000, maxOutputBytes: 65_536 };

/**
 * Asks systemd to start units, one after the other, without waiting until they are up: enrolment may itself be part of the start of a
 * unit, for which the others wait. One that fails holds up none of the others. Returns those that were refused.
 */
export async function startServices(units: readonly string[], run: RunProgram): Promise<NotStarted[]> {
  const refused: NotStarted[] = [];
  for (const unit of units) {
    const reason = reasonOfFailure(await run(['systemctl', 'start', '--no-block', '--', unit], limits));
    if (reason !== undefined) refused.push({ unit, reason });
  }
  return refused;
}
