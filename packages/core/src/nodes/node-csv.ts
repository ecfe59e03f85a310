import type { Node, NodeSortKey } from '@muster/api';
import { fieldValue, type FieldValue } from './field-value.ts';
import { csvLine } from '../text/csv-line.ts';
import { nodeFields, sortKeys } from './node-fields.ts';

/** The columns of an export: every field, and besides them what has no order. */
const columns: readonly (NodeSortKey | 'id' | 'healthReasons' | 'labels')[] = ['id', ...sortKeys, 'healthReasons', 'labels'];

/** First line of an export as CSV, with its line end. */
export const nodeCsvHeader = (): string => `${csvLine(columns)}\r\n`;

/** A node as a line of CSV, with its line end; what a machine says of itself is never a formula. Pure; `nowMs` is the wall clock. */
export const nodeCsvLine = (node: Node, nowMs: number): string =>
  `${csvLine(columns.map((column) => cell(valueOf(column, node, nowMs), isNumber(column))))}\r\n`;

function valueOf(column: (typeof columns)[number], node: Node, nowMs: number): FieldValue {
  if (column === 'id') return node.id;
  if (column === 'healthReasons') return node.health.reasons.map(({ message }) => message).join(' ');
  if (column === 'labels')
    return Object.entries(node.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
  return fieldValue(column, node, nowMs);
}

const isNumber = (column: (typeof columns)[number]): boolean =>
  column !== 'id' && column !== 'healthReasons' && column !== 'labels' && nodeFields[column].kind === 'number';

const cell = (value: FieldValue, isNumeric: boolean): string | number | null => {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return isNumeric ? value : String(value);
  return value.join(' ');
};
