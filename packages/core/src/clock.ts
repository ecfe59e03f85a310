/**
 * The only way to time in Muster. Decisions use `monotonicMs`, which never jumps; `wallMs` is for what people read and for
 * the validity of certificates.
 */
export type Clock = {
  /** Milliseconds since some fixed moment of this process; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the epoch, by this machine's clock. */
  wallMs(): number;
};
