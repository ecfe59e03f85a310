/** What kind of mistake a {@link NodeRangeError} tells of; a program may decide by it, people read the message. */
export type NodeRangeFault =
  | 'empty-term'
  | 'unexpected'
  | 'unbalanced'
  | 'bad-number'
  | 'reversed'
  | 'mixed-width'
  | 'not-a-sequence'
  | 'unknown-name'
  | 'unknown-attribute'
  | 'bad-value'
  | 'bad-regex'
  | 'unreadable-file'
  | 'too-large'
  | 'matches-nothing';

/** A part of a range's text, in UTF-16 code units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** A text in which a range stands: what was given, or a line of a file that it names. Lines count from 1. */
export interface RangeSource {
  readonly text: string;
  readonly file?: string;
  readonly line?: number;
}

/** What a {@link NodeRangeError} says. */
export interface NodeRangeProblem {
  readonly fault: NodeRangeFault;
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What the reader can do about it, as a sentence. */
  readonly advice: string;
  /** The nodes, groups or attributes at fault; of very many only the first. */
  readonly names?: readonly string[];
}

/** The one error of node ranges. Whatever could pick other nodes than the ones that were meant ends in it. */
export class NodeRangeError extends Error implements NodeRangeProblem, Span, RangeSource {
  override readonly name = 'NodeRangeError';
  readonly fault: NodeRangeFault;
  readonly problem: string;
  readonly advice: string;
  readonly names: readonly string[];
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  declare readonly file?: string;
  declare readonly line?: number;

  constructor(source: RangeSource, span: Span, problem: NodeRangeProblem, options?: ErrorOptions) {
    super(`${placeOf(source)}${problem.problem}. ${problem.advice}`, options);
    this.fault = problem.fault;
    this.problem = problem.problem;
    this.advice = problem.advice;
    this.names = problem.names ?? [];
    this.text = source.text;
    this.offset = span.offset;
    this.length = span.length;
    if (source.file !== undefined) this.file = source.file;
    if (source.line !== undefined) this.line = source.line;
  }

  /**
   * The error on four lines: what is wrong, the text, marks under the place, what to do. Of a long text it shows what lies
   * around the place; control characters are shown as blanks.
   */
  describe(): string {
    const from = Math.max(0, Math.min(this.offset, this.text.length) - SHOWN_BEFORE);
    const until = Math.min(this.text.length, Math.max(this.offset + 1, from + SHOWN_CHARACTERS));
    const before = from > 0 ? '...' : '';
    const after = until < this.text.length ? '...' : '';
    const shown = `${before}${printable(this.text.slice(from, until))}${after}`;
    const indent = columns(this.text.slice(from, this.offset)) + before.length;
    const marked = Math.max(1, columns(this.text.slice(this.offset, Math.min(until, this.offset + this.length))));
    const place = placeOf(this);
    return [`${place}${this.problem}`, `  ${shown}`, `  ${' '.repeat(indent)}${'^'.repeat(marked)}`, this.advice].join('\n');
  }
}

const SHOWN_CHARACTERS = 100;
const SHOWN_BEFORE = 60;

const placeOf = ({ file, line }: RangeSource): string => (file === undefined ? '' : `${printable(file)}:${line ?? 1}: `);

/** Text that cannot move the cursor: a range comes from anywhere, and its error goes to a terminal. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');

/** Columns on a terminal, taking each character for one. */
const columns = (text: string): number => [...text].length;

/** What was written or found, safe to print and cut where it is long. */
export function cut(text: string): string {
  const shown = printable(text.slice(0, LONGEST_QUOTE));
  return text.length > LONGEST_QUOTE ? `${shown}...` : shown;
}

/** As {@link cut}, in quotation marks. */
export const quoted = (text: string): string => `"${cut(text)}"`;

const LONGEST_QUOTE = 80;
