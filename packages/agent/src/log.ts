import { writeSync } from 'node:fs';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line per call. Messages are static; what varies goes into the fields. Never give it a secret. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

/** One logfmt line: bare words where they are unambiguous, JSON strings elsewhere, so that no value can forge a second line. */
export function formatLine(time: Date, level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries({ time: time.toISOString(), level, msg: message, ...fields });
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${formatValue(value)}`])).join(' ');
}

function formatValue(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w.:/@+,%-]+$/u.test(text) ? text : JSON.stringify(text);
}

/** A log that writes lines of at least `level`, by default to standard output, where the journal picks them up. */
export function createLog(level: LogLevel, write: (line: string) => void = writeToStandardOutput): Log {
  const lowest = logLevels.indexOf(level);
  const at =
    (one: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (logLevels.indexOf(one) >= lowest) write(formatLine(new Date(), one, message, fields));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function writeToStandardOutput(line: string): void {
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // The reader of the log is gone; the agent's work is not worth stopping for that.
  }
}
