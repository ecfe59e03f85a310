import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv-line.ts';

/** Reads one line as RFC 4180 says. */
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const [whole = '', quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^",]*))/u.exec(rest) ?? [];
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    rest = rest.slice(whole.length);
    if (rest === '') return cells;
    rest = rest.slice(1);
    if (rest === '') return [...cells, ''];
  }
}

describe('a line of CSV', () => {
  it.each<[(string | number | null)[], string]>([
    [['a', 1, null, ''], 'a,1,,'],
    [['a,b', 'say "x"', 'one\ntwo'], '"a,b","say ""x""","one\ntwo"'],
    [['-5', -5], "'-5,-5"],
    [['=cmd()', '+1', '@x', '\tx'], "'=cmd(),'+1,'@x,'\tx"],
    [['=a,"b"'], '"\'=a,""b"""'],
  ])('%j is %s', (cells, line) => expect(csvLine(cells)).toBe(line));

  it('is read back as it was, formulas aside', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'grapheme' }),
            fc.string({ unit: fc.constantFrom('=', '%', '|', ' ', '\t', '\n', '"', ',', "'", 'a') }),
          ),
          { minLength: 1 },
        ),
        (cells) => {
          const read = cellsOf(csvLine(cells));
          expect(read).toHaveLength(cells.length);
          for (const [at, cell] of cells.entries()) {
            const shown = cell.replaceAll(/[^\P{Cc}\n\r\t]/gu, '\u{FFFD}');
            expect([shown, `'${shown}`]).toContain(read[at]);
            expect(read[at]).not.toMatch(/^[\s\p{Cc}]*[=+\-@|%]/u);
          }
        },
      ),
    );
  });
});
