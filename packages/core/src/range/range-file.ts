import { NodeRangeError, quoted, type RangeSource, type Span } from './node-range-error.ts';
import { MAX_RANGE_LENGTH } from './parse-range.ts';
import type { RangeWorld } from './range-world.ts';

/**
 * The ranges of a file, one a line, with their places. From a # at the start of a line or after a blank on, a line is
 * comment. The path goes to the world as it was written. Throws NodeRangeError where files are not read, when the file
 * cannot be, and in a file, which may name no other: a path has no place to start from there.
 */
export function readRangeFile(path: string, source: RangeSource, world: Pick<RangeWorld, 'readFile'>, span: Span): RangeSource[] {
  const fault = (problem: string, advice: string, options?: ErrorOptions): NodeRangeError =>
    new NodeRangeError(source, span, { fault: 'unreadable-file', problem, advice, names: [path] }, options);
  if (source.file !== undefined) throw fault('a file cannot name another file', 'Write the ranges of both into one.');
  if (world.readFile === undefined) {
    throw fault(`the file ${quoted(path)} is not read here`, 'Only the muster command reads files; send what stands in it.');
  }
  let text: string;
  try {
    text = world.readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fault(`the file ${quoted(path)} cannot be read: ${reason}`, 'Check that it exists and may be read.', { cause });
  }
  if (text.length <= MAX_RANGE_LENGTH) return rangesOf(path, text);
  throw fault(`the file ${quoted(path)} has more than ${MAX_RANGE_LENGTH} characters`, 'Name groups, or split it.');
}

const rangesOf = (file: string, text: string): RangeSource[] =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.replace(/(?:^|\s)#.*$/, ''), file, line: index + 1 }))
    .filter((source) => source.text.trim() !== '');
