import type { Log, LogFields } from '@muster/core';

/** A line that was logged. */
export type KeptLine = { readonly level: keyof Log; readonly message: string; readonly fields: LogFields };

/** A log that keeps its lines for a test to look at. */
export class KeptLog implements Log {
  readonly lines: KeptLine[] = [];

  readonly debug = this.#keeper('debug');
  readonly info = this.#keeper('info');
  readonly warn = this.#keeper('warn');
  readonly error = this.#keeper('error');

  /** Messages of one level, in order. */
  messages(level: keyof Log): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  #keeper(level: keyof Log): Log[keyof Log] {
    return (fields, message) => void this.lines.push({ level, message, fields });
  }
}
