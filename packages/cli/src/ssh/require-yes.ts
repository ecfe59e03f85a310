import { CliError } from '../cli-error.ts';
import { askYesNo, canAsk } from './ask.ts';

/** Asks before something is destroyed. Where nobody can be asked, or the answer is no, it ends with what was not done: `Nothing was revoked.` @throws CliError */
export async function requireYes(question: string, nothingDone: string): Promise<void> {
  if (!canAsk()) throw new CliError(`${question} ${nothingDone} Say --yes.`, 2);
  if (!(await askYesNo(question))) throw new CliError(nothingDone);
}
