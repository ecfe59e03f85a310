import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '@muster/core';
import { destination, pino } from 'pino';
import type { Config } from './config/config.ts';

/** The server's log: JSON lines on standard output, or in a file. */
export function makeLog({ level, file }: { level: Config['log']['level']; file?: string }): Log {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination({ dest: file ?? 1, sync: true }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
