/** A place in an inventory file; lines and columns count from 1, columns in characters. */
export interface InventoryPlace {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** What an {@link InventoryError} is made of. */
export interface InventoryProblem extends InventoryPlace {
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What the reader can do about it, as a sentence. */
  readonly advice: string;
  /** The text that was not understood; left out where it could hold a secret. */
  readonly offending?: string | undefined;
}

/**
 * The one error of the inventory reader. Ansible warns about most of these and goes on with
 * an empty inventory; here reading stops, so that no run works on half of a cluster.
 */
export class InventoryError extends Error implements InventoryProblem {
  override readonly name = 'InventoryError';
  readonly problem: string;
  readonly advice: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly offending: string | undefined;

  constructor(details: InventoryProblem, options?: ErrorOptions) {
    super(describe(details), options);
    this.problem = details.problem;
    this.advice = details.advice;
    this.file = details.file;
    this.line = details.line;
    this.column = details.column;
    this.offending = details.offending;
  }
}

/**
 * Runs `work` and adds `place` to an InventoryError it throws, keeping what the error
 * already knows of its place. Other errors pass unchanged.
 */
export function locating<T>(place: InventoryPlace, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InventoryError) || error.file !== undefined) throw error;
    const { problem, advice, offending } = error;
    const line = error.line ?? place.line;
    const column = error.column ?? place.column;
    const details = { problem, advice, offending, file: place.file, line, column };
    throw new InventoryError(details, error.cause === undefined ? {} : { cause: error.cause });
  }
}

/**
 * Runs a call to the caller's file port and turns whatever it throws (no permission, an
 * unreadable disk) into an InventoryError that keeps the cause.
 */
export function readingFrom<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const problem = `the file cannot be read: ${reason}`;
    throw new InventoryError({ file, problem, advice: 'Check that it exists and may be read.' }, { cause });
  }
}

const SECRET_NAME = /pass|secret|token|key|credential/i;

/**
 * The offending text, unless a secret may be part of it: a variable whose name sounds like
 * one stands before or in the text, and a stray blank may have split its value.
 */
export function quotable(text: string, lineUpToText: string): string | undefined {
  return SECRET_NAME.test(lineUpToText) || SECRET_NAME.test(text) ? undefined : text;
}

const LONGEST_QUOTE = 120;

function describe(details: InventoryProblem): string {
  const { file, line, column, problem, offending, advice } = details;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const shown = offending === undefined ? '' : ` (${shorten(offending)})`;
  return `${place === '' ? '' : `${place}: `}${problem}${shown}. ${advice}`;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text);
}
