import type { RangeLevel, RangeTerm } from './range-ast.ts';
import { NodeRangeError, type RangeSource, type Span } from './node-range-error.ts';
import { parseRange, parseRangeSource } from './parse-range.ts';
import { readRangeFile } from './range-file.ts';
import type { RangeWorld } from './range-world.ts';

/** A range without files that names the same nodes, and where each part of it was written. */
export type InlinedRange = {
  readonly text: string;
  /** Where a place of the new text stood: in the range itself, or in a line of a file. */
  placeOf(span: Span): { readonly source: RangeSource; readonly span: Span };
};

/** A piece of the new text and where it was written; `added` is what was put between, and belongs to the name of the file. */
type Piece = { readonly text: string; readonly source: RangeSource; readonly offset: number; readonly added?: true };

/**
 * Puts the lines of files into a range in place of their names (`^file`), so that it can be sent to a server, which reads no files. Each line
 * stays a level of its own, and a line that only excludes does so for its whole file, as when the range is expanded here.
 * @throws NodeRangeError for whatever is wrong with the range or a file that can be told without knowing the nodes
 */
export function inlineRangeFiles(text: string, readFile: (path: string) => string): InlinedRange {
  const ast = parseRange(text);
  const files = [...fileTermsOf(ast)].toSorted((a, b) => a.offset - b.offset);
  const pieces: Piece[] = [];
  let from = 0;
  for (const { path, offset, length } of files) {
    pieces.push(pieceOf(ast.source, from, offset), ...linesOf(path, ast.source, { readFile }, { offset, length }));
    from = offset + length;
  }
  pieces.push(pieceOf(ast.source, from, text.length));
  return { text: pieces.map((piece) => piece.text).join(''), placeOf: (span) => placeIn(pieces, span) };
}

const pieceOf = (source: RangeSource, from: number, until: number): Piece => ({
  text: source.text.slice(from, until),
  source,
  offset: from,
});

function* fileTermsOf(level: RangeLevel): Generator<Extract<RangeTerm, { kind: 'file' }>> {
  for (const { terms } of level.items) {
    for (const term of terms) {
      if (term.kind === 'file') yield term;
      if (term.kind === 'level') yield* fileTermsOf(term);
    }
  }
}

/** A file as a level in parentheses. What is put between the lines belongs to the place of the file's name. */
function linesOf(path: string, source: RangeSource, files: Pick<RangeWorld, 'readFile'>, span: Span): Piece[] {
  const between = (text: string): Piece => ({ text, source, offset: span.offset, added: true });
  const lines = readRangeFile(path, source, files, span).map((line) => ({ line, level: parseRangeSource(line) }));
  for (const { line, level } of lines) refuseFile(level, line);
  const parts = lines.flatMap(({ line, level }) => {
    const whole = { text: line.text, source: line, offset: 0 };
    return [between(','), ...(isMixed(level) ? [between('('), whole, between(')')] : [whole])];
  });
  // Nothing at all, said in the language: a file may be empty, and may only exclude, but a level must name something.
  return [between('((all,-all)'), ...parts, between(')')];
}

const isMixed = ({ items }: RangeLevel): boolean => new Set(items.map((item) => item.excludes)).size > 1;

/** A file that names a file: said here as where it is expanded, because the server could not say which. */
function refuseFile(level: RangeLevel, source: RangeSource): void {
  const [file] = fileTermsOf(level);
  if (file === undefined) return;
  const problem = 'a file cannot name another file';
  throw new NodeRangeError(source, file, {
    fault: 'unreadable-file',
    problem,
    advice: 'Write the ranges of both into one.',
    names: [file.path],
  });
}

function placeIn(pieces: readonly Piece[], { offset, length }: Span): { source: RangeSource; span: Span } {
  let from = 0;
  for (const piece of pieces) {
    const until = from + piece.text.length;
    if (offset < until || (piece === pieces.at(-1) && offset <= until)) {
      const at = piece.offset + (piece.added === true ? 0 : offset - from);
      return { source: piece.source, span: { offset: at, length: Math.min(length, piece.source.text.length - at) } };
    }
    from = until;
  }
  const [first] = pieces;
  return { source: first?.source ?? { text: '' }, span: { offset: 0, length: 0 } };
}
