import { isSecret } from '@muster/api';
import { z } from 'zod';

const secret = '(secret)';
/** Names by which a member is taken for a secret, whether or not its schema says so. */
const secretNames = /pass(?:word|phrase)|secret|token|credential|private.?key|api.?key|^code$|cookie|authorization/iu;
const limits = { textLength: 500, items: 100, depth: 8, jsonLength: 16_384 };

/**
 * What was sent, as the audit log keeps it: secrets left out, by their schema and by their names, long texts and lists shortened. Only for
 * a body that its schema has taken: in any other a secret may stand anywhere. Pure.
 */
export function auditedInput(schema: z.ZodType | undefined, body: unknown): Record<string, unknown> | null {
  if (schema === undefined || typeof body !== 'object' || body === null) return null;
  // Of a file's bytes only how many there were: to look at millions of them one by one holds up the whole server.
  if (body instanceof Uint8Array) return { bytes: body.length };
  const shown = shownValue([schema], body, 0);
  const record = Array.isArray(shown) ? { items: shown } : (shown as Record<string, unknown>);
  return JSON.stringify(record).length <= limits.jsonLength ? record : { leftOut: 'what was sent is too long to be kept' };
}

function shownValue(schemas: readonly z.ZodType[], value: unknown, depth: number): unknown {
  if (schemas.some(isSecret)) return secret;
  if (typeof value === 'string') return shownText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= limits.depth) return '(left out)';
  const inside = schemas.flatMap(alternatives);
  if (Array.isArray(value)) return shownList(inside, value, depth);
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [
    name,
    secretNames.test(name) ? secret : shownValue(membersNamed(inside, name), member, depth + 1),
  ]);
  return Object.fromEntries(members);
}

function shownList(schemas: readonly z.ZodType[], list: readonly unknown[], depth: number): unknown[] {
  const elements = schemas.filter((one) => one instanceof z.ZodArray).map((one) => one.element as z.ZodType);
  const shown = list.slice(0, limits.items).map((item) => shownValue(elements, item, depth + 1));
  return list.length > limits.items ? [...shown, `(and ${list.length - limits.items} more)`] : shown;
}

const shownText = (text: string): string =>
  text.length <= limits.textLength ? text : `${text.slice(0, limits.textLength)} (and ${text.length - limits.textLength} more characters)`;

/** The schemas a value may have passed: those inside options, defaults and unions. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((one) => alternatives(one as z.ZodType));
  if (schema instanceof z.ZodPipe) return [schema.in, schema.out].flatMap((one) => alternatives(one as z.ZodType));
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapped ? alternatives(schema.unwrap() as z.ZodType) : [schema];
}

function membersNamed(schemas: readonly z.ZodType[], name: string): z.ZodType[] {
  return schemas.flatMap((schema) => {
    if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
    if (!(schema instanceof z.ZodObject)) return [];
    const member = (schema.shape as Record<string, z.ZodType>)[name];
    return member === undefined ? [] : [member];
  });
}
