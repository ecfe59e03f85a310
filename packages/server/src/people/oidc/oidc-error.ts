import type { OidcProblem } from '@muster/api';

/** A sign-in through the identity provider that did not succeed. The message is for the log, the reason for the person. */
export class OidcError extends Error {
  override readonly name = 'OidcError';
  readonly reason: OidcProblem;
  constructor(reason: OidcProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
