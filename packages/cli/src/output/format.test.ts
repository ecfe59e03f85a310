import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { type Format, formats, printList, printOne, wholeNumber } from './format.ts';

type Row = { name: string; size: number };
const rows: Row[] = [
  { name: 'a', size: 1 },
  { name: 'b', size: 2 },
];

let printed = '';
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => void vi.restoreAllMocks());

const listed = (format: Format, list: Row[] = rows): string => {
  const name = { title: 'NAME', cell: (row: Row) => row.name };
  printList(format, list, [name], [{ title: 'SIZE', cell: (row) => String(row.size) }], (row) => row.name);
  return printed;
};

describe('a list', () => {
  it('is a table, and a wide one has all columns', () => {
    expect(listed('table')).toBe('NAME\na\nb\n');
    printed = '';
    expect(listed('wide')).toBe('NAME  SIZE\na     1\nb     2\n');
  });

  it('is JSON, YAML or names for programs', () => {
    expect(JSON.parse(listed('json'))).toEqual(rows);
    printed = '';
    expect(parse(listed('yaml'))).toEqual(rows);
    printed = '';
    expect(listed('name')).toBe('a\nb\n');
  });

  it.each(formats)('may be empty as %s', (format) => {
    expect(listed(format, []).trim()).toBe({ table: 'NAME', wide: 'NAME  SIZE', json: '[]', yaml: '[]', name: '' }[format]);
  });
});

describe('one thing', () => {
  it.each(['table', 'wide', 'name'] as const)('is text as %s', (format) => {
    printOne(format, rows[0], () => 'text\n');
    expect(printed).toBe('text\n');
  });

  it('is JSON or YAML where that is asked for', () => {
    printOne('json', rows[0], () => 'text');
    expect(JSON.parse(printed)).toEqual(rows[0]);
    printed = '';
    printOne('yaml', rows[0], () => 'text');
    expect(parse(printed)).toEqual(rows[0]);
  });
});

describe('a whole number', () => {
  it('is read between its bounds', () => expect(['1', '10'].map(wholeNumber(1, 10))).toEqual([1, 10]));

  it.each(['0', '11', '1.5', 'x', '1e9', 'Infinity', 'NaN', '-1'])('is not %j', (text) => {
    expect(() => wholeNumber(1, 10)(text)).toThrow('must be a whole number from 1 to 10.');
  });
});
