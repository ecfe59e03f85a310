/** What kind of failure it was: whoever asks again waits for the first, and tells of the others. */
export type QueueFailure = 'no-answer' | 'refused' | 'not-readable';

/** The only error this room throws on purpose: what happened, to which queue, and what to do. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly failure: QueueFailure;

  constructor(failure: QueueFailure, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.failure = failure;
  }
}
