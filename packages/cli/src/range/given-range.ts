import { readFileSync } from 'node:fs';
import { ProblemError, type ProblemPart } from '@muster/api';
import { type InlinedRange, inlineRangeFiles, NodeRangeError } from '@muster/core';
import { CliError } from '../cli-error.ts';

/**
 * A range as somebody typed it. Its files (`^file`) are read here, on the machine of whoever types: a server reads none. What the server
 * finds wrong is shown in what was typed, in the file and line where it stands.
 * @throws CliError for what is wrong with the range or a file and can be told without a server
 */
export class GivenRange {
  readonly #inlined: InlinedRange;

  constructor(typed: string) {
    this.#inlined = clear(() => inlineRangeFiles(typed, readRangeFile));
  }

  /** The range as a server takes it. */
  get text(): string {
    return this.#inlined.text;
  }

  /** Asks a server something with this range. */
  async ask<T>(work: (range: string) => Promise<T>): Promise<T> {
    try {
      return await work(this.text);
    } catch (error) {
      throw error instanceof ProblemError ? (this.#explained(error) ?? error) : error;
    }
  }

  #explained(error: ProblemError): CliError | undefined {
    const part = error.problem.errors?.find(({ path, offset }) => path === 'range' && offset !== undefined);
    if (part === undefined) return undefined;
    return new CliError(this.#placed(part).describe(), 1, { cause: error });
  }

  #placed({ message, offset = 0, length = 0 }: ProblemPart): NodeRangeError {
    const { source, span } = this.#inlined.placeOf({ offset, length });
    const [problem = message, ...advice] = message.split('. ');
    return new NodeRangeError(source, span, { fault: 'unexpected', problem, advice: advice.join('. ') });
  }
}

/** The text of a file that a range names. */
export const readRangeFile = (path: string): string => readFileSync(path, 'utf8');

/** Runs a piece of work on a range; what is wrong with it is told with a mark under the place. @throws CliError */
export function clear<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof NodeRangeError) throw new CliError(error.describe(), 2, { cause: error });
    throw error;
  }
}
