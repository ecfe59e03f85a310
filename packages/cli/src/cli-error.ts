/** A failure that is told in one line: what happened, to what, what to do. `exitCode` 2 is a mistake in the command line, 130 an interruption. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: 1 | 2 | 130;
  constructor(message: string, exitCode: 1 | 2 | 130 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
