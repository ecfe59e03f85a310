import { describe, expect, it } from 'vitest';
import { doorsTable } from '../doors.ts';
import { sameTable, tableIn, withTable } from './doors.ts';

const page = [
  '# Architecture',
  '<!-- doors: written by `npm run fix` from tools/doors.ts -->',
  '| room | may import |',
  '<!-- end of doors -->',
  'Further on.',
  '',
].join('\n');

describe('the table of doors in a page', () => {
  it('is replaced between its marks, and nothing else is', () => {
    const written = withTable(page, doorsTable());
    expect(tableIn(written)).toBe(doorsTable());
    expect(written).toMatch(/^# Architecture\n<!--/u);
    expect(written).toMatch(/<!-- end of doors -->\nFurther on\.\n$/u);
    expect(withTable(written, doorsTable())).toBe(written);
  });

  it('says the same with its columns lined up', () => {
    expect(sameTable('| a | b |\n| --- | --- |', '| a   | b    |\n| --- | ---- |')).toBe(true);
    expect(sameTable(tableIn(page), doorsTable())).toBe(false);
  });

  it('is missed where the marks are', () => {
    expect(() => tableIn('# Architecture\n')).toThrow(/needs the lines/u);
    expect(() => withTable(page.replace('<!-- end of doors -->', ''), '')).toThrow(/needs the lines/u);
  });
});
