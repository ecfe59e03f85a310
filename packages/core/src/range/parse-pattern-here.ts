import { takePatternText } from './free-text.ts';
import { TextPattern } from './pattern/text-pattern.ts';
import type { RangeReader } from './range-reader.ts';

/** Takes a regular expression that follows a sign (`/`, `=~`). Throws NodeRangeError with the place inside the expression. */
export function parsePatternHere(reader: RangeReader, covers: 'whole' | 'part', sign: string): TextPattern {
  const start = reader.at;
  const text = takePatternText(reader);
  if (text === '') {
    throw reader.fault(
      { offset: Math.max(0, start - sign.length), length: sign.length },
      {
        fault: 'bad-regex',
        problem: `no regex after ${sign}`,
        advice: 'Write one, like node0[1-3]; put \\ before a sign that is meant as it is.',
      },
    );
  }
  // Perl and the shell's sed close an expression with the sign that opens it, and no name holds one: it would match nothing.
  if (covers === 'whole' && text.endsWith('/') && !text.endsWith('\\/')) {
    const advice = 'Remove it: the regex ends with the term.';
    throw reader.fault(
      { offset: start + text.length - 1, length: 1 },
      { fault: 'bad-regex', problem: 'a / at the end of the regex', advice },
    );
  }
  return new TextPattern(text, covers, (offset, length, problem, advice) =>
    reader.fault({ offset: start + offset, length }, { fault: 'bad-regex', problem, advice }),
  );
}
