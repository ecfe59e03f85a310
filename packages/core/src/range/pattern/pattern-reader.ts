import { classEscapes, oneChar, type CharSet } from './char-set.ts';

const controlEscapes: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
]);

/** A cursor over the text of a regular expression, which also makes the errors of its reader. */
export class PatternReader {
  readonly #text: string;
  readonly #fault: (offset: number, length: number, problem: string, advice: string) => Error;
  #at = 0;

  constructor(text: string, fault: (offset: number, length: number, problem: string, advice: string) => Error) {
    this.#text = text;
    this.#fault = fault;
  }

  /** The offset of the next character. */
  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The next code unit, '' at the end. */
  get peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** Takes the next code unit and gives it, '' at the end. */
  next(): string {
    return this.#text.charAt(this.#at++);
  }

  /** Takes the character if it comes next. */
  take(char: string): boolean {
    if (this.peek !== char) return false;
    this.#at++;
    return true;
  }

  /** Takes what a sticky expression matches here. */
  takeMatch(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  /** Takes a backslash and what it escapes. */
  escape(): CharSet {
    const from = this.#at;
    this.#at++;
    const letter = this.next();
    if (letter === '') throw this.faultSince(from, 'the regex ends in a backslash', 'Write \\\\ for the character itself.');
    const set = classEscapes.get(letter);
    if (set !== undefined) return set;
    const control = controlEscapes.get(letter);
    if (control !== undefined || !/[A-Za-z0-9]/.test(letter)) return oneChar((control ?? letter).charCodeAt(0));
    if (/\d/.test(letter)) throw this.faultSince(from, 'the regex has no backreferences', 'Say the rest with @ and - in the range.');
    throw this.faultSince(
      from,
      `\\${letter} means nothing in the regex`,
      'Known are \\d \\w \\s \\D \\W \\S \\t \\n, and \\ before a sign.',
    );
  }

  /** The error for the next character. */
  fault(problem: string, advice: string): Error {
    return this.#fault(this.#at, 1, problem, advice);
  }

  /** The error for what was taken since an offset. */
  faultSince(from: number, problem: string, advice: string): Error {
    return this.#fault(from, Math.max(1, Math.min(this.#at, this.#text.length) - from), problem, advice);
  }

  /** The error for any place. */
  faultAt(offset: number, length: number, problem: string, advice: string): Error {
    return this.#fault(offset, length, problem, advice);
  }
}
