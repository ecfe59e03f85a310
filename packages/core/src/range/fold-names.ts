import { foldNumbers } from './fold-numbers.ts';
import { compareNatural } from './natural-order.ts';
import { MAX_COUNTED_DIGITS } from './number-run.ts';
import { isPlainWord } from './word-char.ts';

/**
 * The shortest range that names exactly these nodes: `node[01-03,05],web1`, in natural order. Expanded again, in any world
 * that has them, it is the same set; no names fold to ''. A name that cannot stand plainly in a range is written as a regex.
 */
export function foldNames(names: Iterable<string>): string {
  const shapes = new Map<string, NameShape>();
  const pieces: Piece[] = [];
  for (const name of new Set(names)) {
    if (isPlainWord(name)) addToShape(name, shapes);
    else pieces.push({ first: name, text: `/${escaped(name)}` });
  }
  for (const shape of shapes.values()) pieces.push(...piecesOf(shape));
  return pieces
    .sort((a, b) => compareNatural(a.first, b.first))
    .map((piece) => piece.text)
    .join(',');
}

/** Names that differ only in their numbers: the text around these, and the numbers of each name. */
interface NameShape {
  readonly literals: readonly string[];
  readonly rows: string[][];
}

/** A term of the range, and the first name that it names. */
interface Piece {
  readonly first: string;
  readonly text: string;
}

function addToShape(name: string, shapes: Map<string, NameShape>): void {
  const numbers: string[] = [];
  // Brackets stand for the numbers: no plain name has one.
  let key = '';
  let from = 0;
  for (let at = nextDigit(name, 0); at < name.length; at = nextDigit(name, at)) {
    const start = at;
    while (isDigit(name.charCodeAt(at))) at++;
    if (at - start > MAX_COUNTED_DIGITS) continue;
    key += `${name.slice(from, start)}[`;
    numbers.push(name.slice(start, at));
    from = at;
  }
  key += name.slice(from);
  const shape = shapes.get(key);
  if (shape === undefined) shapes.set(key, { literals: key.split('['), rows: [numbers] });
  else shape.rows.push(numbers);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

function nextDigit(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isDigit(text.charCodeAt(at))) at++;
  return at;
}

/**
 * The products of number lists that make up a shape. Which of its numbers is folded first can matter, so the two natural
 * orders are tried and the shorter text is taken; more would cost time and gain next to nothing.
 */
function piecesOf({ literals, rows }: NameShape): Piece[] {
  const axes = literals.slice(1).map((_, at) => at);
  const inward = write(literals, fold(rows, axes.toReversed()));
  if (axes.length < 2 || inward.length === 1) return inward;
  const outward = write(literals, fold(rows, axes));
  return lengthOf(outward) < lengthOf(inward) ? outward : inward;
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((length, piece) => length + piece.text.length + 1, 0);

/** Rows that differ only on one axis become one row, axis by axis. */
function fold(rows: readonly string[][], axes: readonly number[]): readonly string[][] {
  return axes.reduce(foldAxis, rows);
}

function foldAxis(rows: readonly string[][], axis: number): string[][] {
  if (rows[0]?.length === 1) return [[foldNumbers(rows.map((row) => row[0] ?? ''))]];
  const alike = new Map<string, { row: string[]; numbers: string[] }>();
  for (const row of rows) {
    const key = withoutAxis(row, axis);
    const found = alike.get(key);
    if (found === undefined) alike.set(key, { row, numbers: [row[axis] ?? ''] });
    else found.numbers.push(row[axis] ?? '');
  }
  return [...alike.values()].map(({ row, numbers }) => row.with(axis, foldNumbers(numbers)));
}

function withoutAxis(row: readonly string[], axis: number): string {
  let rest = '';
  for (let at = 0; at < row.length; at++) {
    if (at !== axis) rest += `${row[at]} `;
  }
  return rest;
}

function write(literals: readonly string[], rows: readonly string[][]): Piece[] {
  return rows.map((row) => ({
    text: literals.map((literal, at) => literal + bracketed(row[at])).join(''),
    first: literals.map((literal, at) => literal + (row[at]?.split(/[-,]/, 1)[0] ?? '')).join(''),
  }));
}

function bracketed(numbers: string | undefined): string {
  if (numbers === undefined) return '';
  return /^[0-9]+$/.test(numbers) ? numbers : `[${numbers}]`;
}

/** The name as a regex that matches nothing else. */
const escaped = (name: string): string => (name === '' ? '()' : name.replaceAll(/[^\p{L}\p{N}_-]/gu, String.raw`\$&`));
