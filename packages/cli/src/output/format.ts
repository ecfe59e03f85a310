import { InvalidArgumentError, Option } from 'commander';
import { stringify } from 'yaml';
import { type Column, table } from './table.ts';

export const formats = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof formats)[number];

/** The `-o` of every command that lists something. */
export const formatOption = (): Option => new Option('-o, --output <format>', 'how to print').choices(formats).default('table');

/** Prints a list in the asked format. `wide` has all columns, `table` those that fit a terminal. */
export function printList<Row>(
  format: Format,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  wide: readonly Column<Row>[],
  nameOf: (row: Row) => string,
): void {
  process.stdout.write(listText(format, rows, columns, wide, nameOf));
}

function listText<Row>(
  format: Format,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  wide: readonly Column<Row>[],
  nameOf: (row: Row) => string,
): string {
  if (format === 'json') return `${JSON.stringify(rows, null, 2)}\n`;
  if (format === 'yaml') return stringify(rows);
  if (format === 'name') return rows.map((row) => `${nameOf(row)}\n`).join('');
  return table(rows, format === 'wide' ? [...columns, ...wide] : columns);
}

/** Prints one thing: as JSON or YAML where asked, else as the given text. */
export function printOne(format: Format, value: unknown, text: () => string): void {
  if (format === 'json') process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  else if (format === 'yaml') process.stdout.write(stringify(value));
  else process.stdout.write(text());
}

/** A whole number of an option, between bounds. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
    return value;
  };
