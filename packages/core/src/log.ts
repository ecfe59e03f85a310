/** Data of a log line. Never a secret, never a whole request. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a part of the server writes its log: a static message, what varies as fields. */
export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
};
