import { writeSync } from 'node:fs';
import { runCommandLine } from './command-line.ts';

const status = await runCommandLine(process.argv.slice(2), process.argv[1] ?? '', {
  stdout: (text) => writeSync(1, text),
  stderr: (text) => writeSync(2, text),
});
// Exits even when a program that the kernel cannot kill still holds a pipe open.
process.exit(status);
