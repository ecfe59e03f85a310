import { CommanderError } from 'commander';
import { programFor } from './program.ts';

/** Exit codes: 0 done; 1 something failed; 2 the command line is wrong; 130 interrupted. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let code = 0;
  try {
    const program = await programFor(argv);
    await program.parseAsync([...argv], { from: 'user' });
    if (typeof process.exitCode === 'number') code = process.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { reportError } = await import('./output/report-error.ts');
    code = reportError(error);
  }
  return code;
}
