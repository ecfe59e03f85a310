import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const table = readFileSync(join(root, 'docs', 'faults.md'), 'utf8');

type Named = { readonly file: string; readonly titles: readonly string[] };

/** Every test that the table names: `FILE` › block › title. */
const named = [...table.matchAll(/`(?<file>[\w./-]+\.test\.ts)` › (?<titles>.+?)(?=<br>|\s+\|)/gu)].map(({ groups }): Named => ({
  file: groups?.['file'] ?? '',
  titles: groups?.['titles']?.split(' › ') ?? [],
}));

/** Where a title stands in a source text, in one of the three kinds of quotes; Infinity where it does not. */
function placeOf(title: string, source: string, from: number): number {
  const places = ["'", '"', '`'].map((quote) => source.indexOf(`${quote}${title.replaceAll(quote, `\\${quote}`)}${quote}`, from));
  return Math.min(...places.filter((place) => place !== -1), Infinity);
}

/** What is wrong with a row: a file that is not there, or a title that does not stand in it after the block it belongs to. */
function problemOf({ file, titles }: Named): string | undefined {
  const path = join(root, file);
  if (!existsSync(path)) return `${file} does not exist`;
  const source = readFileSync(path, 'utf8');
  let from = 0;
  for (const title of titles) {
    from = placeOf(title, source, from);
    if (from === Infinity) return `${file} has no "${title}"`;
  }
  return undefined;
}

describe('docs/faults.md', () => {
  it('names tests that exist', () => expect(named.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]));

  it('names a test for every fault that is not elsewhere', () => {
    const [here = ''] = table.split('## Elsewhere');
    const rows = here.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:fault|-)/u.test(line));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => !row.includes('.test.ts` › '))).toEqual([]);
    expect(named.length).toBeGreaterThanOrEqual(rows.length);
  });

  it('would not be believed with a test that is not there', () => {
    const file = 'tools/faults.test.ts';
    expect(problemOf({ file, titles: ['docs/faults.md', 'names tests that exist'] })).toBeUndefined();
    expect(problemOf({ file: 'tools/doors.test.ts', titles: ['no such'] })).toBe('tools/doors.test.ts has no "no such"');
    expect(problemOf({ file: 'none.test.ts', titles: [] })).toBe('none.test.ts does not exist');
  });
});
