import type { Node, NodeFilterKey, NodeSortKey } from '@muster/api';
import { compareNatural } from '../range/natural-order.ts';
import type { Moment } from '../text/moment.ts';
import { addressOrder } from './addresses.ts';
import { type FieldValue, fieldValue } from './field-value.ts';
import { labelIn, nodeFields } from './node-fields.ts';
import type { Comparison, NodeFilter, NodeSort } from './node-filter.ts';

/**
 * The nodes that pass all filters, in order, as the store selects them: nodes without a value come last in either direction, nodes with the
 * same one in the natural order of their names. The store's SQL is tested against this. Pure; `nowMs` is the wall clock.
 */
export function selectNodes(nodes: readonly Node[], sort: readonly NodeSort[], filters: readonly NodeFilter[], nowMs: number): Node[] {
  const found = nodes.filter((node) => filters.every((filter) => passes(node, filter, nowMs)));
  return found.sort((a, b) => orderOf(a, b, sort, nowMs) || compareNatural(a.name, b.name));
}

function orderOf(a: Node, b: Node, sort: readonly NodeSort[], nowMs: number): number {
  for (const { key, descending } of sort) {
    const [left, right] = [sortValue(key, a, nowMs), sortValue(key, b, nowMs)];
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    const order = compareValues(key, left, right);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** By what a field is sorted: a choice by its place among all of them. */
function sortValue(key: NodeSort['key'], node: Node, nowMs: number): string | number | null {
  const label = labelIn(key);
  if (label !== undefined) return node.labels[label] ?? null;
  const value = fieldValue(key as NodeSortKey, node, nowMs);
  const field = nodeFields[key as NodeSortKey];
  if (field.kind === 'choice') return field.choices.indexOf(String(value));
  return isList(value) ? value.join(',') : value;
}

function compareValues(key: NodeSort['key'], left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (key === 'privateIp' || key === 'publicIp') return addressOrder(String(left), String(right));
  // A serial is a row of digits, and no number that anyone counts by.
  if (key === 'certificateSerial') return left < right ? -1 : 1;
  return compareNatural(String(left), String(right));
}

const isList = (value: FieldValue): value is readonly string[] => Array.isArray(value);

function passes(node: Node, filter: NodeFilter, nowMs: number): boolean {
  if (filter.kind === 'label') return node.labels[filter.label] === filter.value;
  const value = fieldValue(keyOf(filter.key), node, nowMs);
  switch (filter.kind) {
    case 'none':
      return value === null;
    case 'text':
      return passesText(value, filter.value.toLowerCase(), filter.whole);
    case 'choice':
      return filter.values.includes(String(value));
    case 'list':
      return isList(value) && filter.values.some((one) => value.includes(one));
    case 'number':
      return typeof value === 'number' && compares(value - filter.value, filter.comparison);
    case 'moment':
      return typeof value === 'string' && compares(Date.parse(value) - momentMs(filter.moment, nowMs), filter.comparison);
  }
}

const keyOf = (key: NodeFilterKey): NodeSortKey => (key === 'group' ? 'groups' : key);

function passesText(value: FieldValue, wanted: string, whole: boolean): boolean {
  const text = value === null ? '' : String(value).toLowerCase();
  return whole ? text === wanted : value !== null && text.includes(wanted);
}

const momentMs = (moment: Moment, nowMs: number): number =>
  'iso' in moment ? Date.parse(moment.iso) : nowMs + moment.fromNowSeconds * 1000;

function compares(difference: number, comparison: Comparison): boolean {
  switch (comparison) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}
