import type { NotificationTest } from '@muster/api';
import { type Format, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';

/** Says how a test went; one that was not delivered ends the command with 1. */
export function tellTest(output: Format, test: NotificationTest): void {
  printOne(output, test, () => `${printable(test.message)}\n`);
  if (!test.delivered) process.exitCode = 1;
}
