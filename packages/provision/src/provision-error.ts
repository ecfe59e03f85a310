/** A step on a host failed for a reason that a person can mend. The message says what happened and what to do. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';
  /** The command that failed, as it is named to people, where there was one. */
  readonly command: string | undefined;
  constructor(message: string, options?: ErrorOptions & { command?: string }) {
    super(message, options);
    this.command = options?.command;
  }
}
