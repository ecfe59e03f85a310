import { NodeRangeError, type NodeRangeProblem, type RangeSource, type Span } from './node-range-error.ts';

/** A cursor over the text of a range, which also makes the errors of its parser. */
export class RangeReader {
  readonly source: RangeSource;
  #at = 0;

  constructor(source: RangeSource) {
    this.source = source;
  }

  /** The offset of the next character. */
  get at(): number {
    return this.#at;
  }

  /** The next code unit, '' at the end. */
  get peek(): string {
    return this.source.text.charAt(this.#at);
  }

  /** Whether a term can begin or go on no further: at the end, or before one of `,` `@` `)`. */
  get isAtBorder(): boolean {
    return ['', ',', '@', ')'].includes(this.peek);
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
    const found = sticky.exec(this.source.text) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  skipBlanks(): void {
    this.takeMatch(/\s*/y);
  }

  /** Takes everything up to an offset. */
  takeUntil(offset: number): string {
    const taken = this.source.text.slice(this.#at, offset);
    this.#at = offset;
    return taken;
  }

  /** What was taken since an offset. */
  since(offset: number): Span {
    return { offset, length: this.#at - offset };
  }

  /** The error for the next character, which may be the end of the text. */
  faultHere(problem: NodeRangeProblem): NodeRangeError {
    return this.fault({ offset: this.#at, length: 1 }, problem);
  }

  /** The error for any part of the text. */
  fault(span: Span, problem: NodeRangeProblem): NodeRangeError {
    return new NodeRangeError(this.source, span, problem);
  }
}
