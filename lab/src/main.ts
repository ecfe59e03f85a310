import { runLabCommand } from './commands.ts';
import { LabError, exitStatusOf } from './errors.ts';

try {
  process.exitCode = await runLabCommand(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab: ${error.line}\n`);
  process.exitCode = exitStatusOf[error.kind];
}
