/** Why the lab stopped; decides the exit status of the command. */
export type LabErrorKind = 'usage' | 'unavailable' | 'failed';

/**
 * The lab's one error type. `message` says in one line what happened, and to which host; `advice`
 * says what to do next. `kind` "unavailable" means: this machine cannot run a lab at all.
 */
export class LabError extends Error {
  readonly kind: LabErrorKind;
  readonly advice: string | undefined;

  constructor(message: string, options: { kind?: LabErrorKind; advice?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LabError';
    this.kind = options.kind ?? 'failed';
    this.advice = options.advice;
  }

  /** The one line shown to a person. */
  get line(): string {
    return this.advice === undefined ? this.message : `${this.message} (${this.advice})`;
  }
}

/** Exit status for each kind: 1 a step failed, 2 wrong usage, 3 no lab possible here. */
export const exitStatusOf: Readonly<Record<LabErrorKind, number>> = { failed: 1, usage: 2, unavailable: 3 };
