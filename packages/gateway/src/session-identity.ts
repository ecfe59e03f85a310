/** Whose connection it is, proven by the certificate and checked against the store. */
export type SessionIdentity = {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly serial: string;
  /** End of the certificate, milliseconds since the epoch: a connection that was opened before it ends with it. */
  readonly notAfterMs: number;
  /** The authority that signed it, counted from 1. */
  readonly authority: number;
};
