import type { Log } from '@muster/core';
import { printable } from '../../output/printable.ts';

const ignore = (): void => undefined;

/** The log of a command: only errors, because standard output is for its result. */
export const onStandardError: Log = {
  ...{ debug: ignore, info: ignore, warn: ignore },
  error: (fields, message) => void process.stderr.write(`${message} ${printable(JSON.stringify(fields))}\n`),
};
