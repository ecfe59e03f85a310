import type { NodeFilterKey } from '@muster/api';
import { parseDuration } from '../text/duration.ts';
import { parseMoment } from '../text/moment.ts';
import { fieldOf, filterKeys, labelIn, type NodeField } from './node-fields.ts';
import { type Comparison, comparisons, type NodeFilter } from './node-filter.ts';

/** A filter, or why it is none: a sentence that names the good keys or values. */
export type ParsedFilter = { readonly ok: true; readonly filter: NodeFilter } | { readonly ok: false; readonly message: string };

/** Reads `health:bad,degraded`, `name:web`, `cores:>=32`, `certificateExpiresAt:<now+30d`, `label.rack:a`. */
export function parseNodeFilter(text: string): ParsedFilter {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const value = colon < 0 ? undefined : text.slice(colon + 1);
  const label = labelIn(name);
  if (label !== undefined) return value === undefined ? notGood(text, `${name}:VALUE`) : good({ kind: 'label', label, value });
  const key = filterKeys.find((one) => one === name);
  if (key === undefined) return bad(`"${name}" is not a key to filter by; good keys: ${filterKeys.join(', ')}, label.KEY`);
  const field = fieldOf(key);
  const filter = value === undefined || value === '' ? undefined : filterOf(key, field, value);
  return filter === undefined ? notGood(text, shapesOf(key, field)) : good(filter);
}

const good = (filter: NodeFilter): ParsedFilter => ({ ok: true, filter });
const bad = (message: string): ParsedFilter => ({ ok: false, message });
const notGood = (text: string, shapes: string): ParsedFilter => bad(`"${text}" is not a filter; good ones: ${shapes}`);

function filterOf(key: NodeFilterKey, field: NodeField, value: string): NodeFilter | undefined {
  switch (field.kind) {
    case 'text':
      return value.startsWith('=') ? { kind: 'text', key, value: value.slice(1), whole: true } : { kind: 'text', key, value, whole: false };
    case 'list': {
      const values = value.split(',').map((one) => one.trim());
      return values.includes('') ? undefined : { kind: 'list', key, values };
    }
    case 'choice': {
      const values = value.split(',').map((one) => one.trim());
      return values.every((one) => field.choices.includes(one)) ? { kind: 'choice', key, values } : undefined;
    }
    case 'number':
      return value === 'none' ? { kind: 'none', key } : numberFilter(key, field.unit, value);
    case 'moment':
      return value === 'none' ? { kind: 'none', key } : momentFilter(key, value);
  }
}

/** What stands before the value, and the rest. */
function split(value: string): { comparison: Comparison | undefined; rest: string } {
  const comparison = comparisons.find((one) => value.startsWith(one));
  return { comparison, rest: value.slice(comparison?.length ?? 0).trim() };
}

function numberFilter(key: NodeFilterKey, unit: 'bytes' | 'seconds' | undefined, text: string): NodeFilter | undefined {
  const { comparison = '=', rest } = split(text);
  const value = parseNumber(rest) ?? (unit === 'bytes' ? parseBytes(rest) : unit === 'seconds' ? parseDuration(rest) : undefined);
  return value === undefined ? undefined : { kind: 'number', key, comparison, value };
}

function momentFilter(key: NodeFilterKey, text: string): NodeFilter | undefined {
  const { comparison, rest } = split(text);
  const moment = parseMoment(rest);
  // Nobody knows the microsecond: a moment that must be equal to another would only ever find nothing.
  if (comparison === undefined || comparison === '=' || comparison === '!=' || moment === undefined) return undefined;
  return { kind: 'moment', key, comparison, moment };
}

const parseNumber = (text: string): number | undefined => (/^-?\d{1,15}(?:\.\d{1,9})?$/u.test(text) ? Number(text) : undefined);

const byteUnits: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `64GiB`, `64G`; the units are powers of 1024, as memory is made. */
function parseBytes(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?)([KMGT])(?:iB)?$/u.exec(text) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (byteUnits[unit] ?? 1);
}

function shapesOf(key: NodeFilterKey, field: NodeField): string {
  switch (field.kind) {
    case 'text':
      return `${key}:VALUE for a part of it, ${key}:=VALUE for the whole`;
    case 'list':
      return `${key}:VALUE, ${key}:ONE,OTHER`;
    case 'choice':
      return `${field.choices.map((one) => `${key}:${one}`).join(', ')}, or several with commas`;
    case 'number': {
      const example = field.unit === 'bytes' ? '64GiB' : field.unit === 'seconds' ? '5m' : '32';
      return `${key}:${example}, ${key}:>=${example}, with any of > >= < <= != before it, or ${key}:none`;
    }
    case 'moment':
      return `${key}:<2026-01-31, ${key}:>=2026-01-31T12:00:00Z, ${key}:<now+30d, ${key}:>now-2h, or ${key}:none`;
  }
}
