import type { NodeSortKey } from '@muster/api';
import type { Comparison, Moment, NodeFilter } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import { storableText } from '../json-text.ts';
import { fieldSql, type Joined } from './node-fields.ts';

/** A condition on `nodes n`, and the table it needs beside it. */
export type Condition = { readonly holds: RawBuilder<boolean>; readonly from?: Joined | undefined };

/** What a filter asks of a node. Values are parameters, never text of the statement. */
export function conditionOf(filter: NodeFilter): Condition {
  if (filter.kind === 'label') return { holds: sql`n.labels ->> ${storableText(filter.label)} = ${storableText(filter.value)}` };
  const { value, from } = fieldSql[sortKeyOf(filter.key)];
  return { holds: holds(filter, value), from };
}

const sortKeyOf = (key: Exclude<NodeFilter, { kind: 'label' }>['key']): NodeSortKey => (key === 'group' ? 'groups' : key);

function holds(filter: Exclude<NodeFilter, { kind: 'label' }>, value: RawBuilder<unknown>): RawBuilder<boolean> {
  switch (filter.kind) {
    case 'none':
      return sql`${value} is null`;
    case 'text':
      return filter.whole
        ? sql`lower(coalesce(${value}, '')) = lower(${storableText(filter.value)})`
        : sql`position(lower(${storableText(filter.value)}) in lower(${value})) > 0`;
    case 'choice':
      return sql`${value} = any (${[...filter.values]}::text[])`;
    case 'list':
      return sql`${value} && ${filter.values.map(storableText)}::text[]`;
    case 'number':
      return sql`${value} ${operators[filter.comparison]} ${filter.value}::double precision`;
    case 'moment':
      return sql`${value} ${operators[filter.comparison]} ${momentSql(filter.moment)}`;
  }
}

const operators: Readonly<Record<Comparison, RawBuilder<unknown>>> = {
  '=': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
};

const momentSql = (moment: Moment): RawBuilder<unknown> =>
  'iso' in moment ? sql`${moment.iso}::timestamptz` : sql`now() + make_interval(secs => ${moment.fromNowSeconds}::double precision)`;
