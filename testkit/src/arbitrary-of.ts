import fc, { type Arbitrary } from 'fast-check';
import { z } from 'zod';

/** What is read of a JSON Schema. */
type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Record<string, JsonSchema>;
  readonly properties?: Record<string, JsonSchema>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
};

const nasty = fc.constantFrom(
  '',
  '\0',
  '\uFEFF',
  '\u202E',
  '\uD800',
  "'; drop table nodes; --",
  '__proto__',
  '../..',
  '%00',
  '-',
  '1e999',
  'x'.repeat(300),
);
/** Text that people and machines may say. */
const hostileText = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 12 }), nasty);
/** Any value at all, small. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), hostileText, fc.constantFrom(-1, 0, 1e21, 1.5, 2 ** 53, null, [], {}));

/**
 * Values for a zod schema: mostly what it takes, so that the code behind the door is reached, and now and then, anywhere inside, something
 * else. `words` are strings that mean something where the schema only says "string" (names, ids, ranges).
 * @param wrongIn one value in so many is not what the schema says there
 */
export function arbitraryOf(schema: z.ZodType, words: readonly string[] = [], wrongIn = 12): Arbitrary<unknown> {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return valueOf(root, { defs: root.$defs ?? {}, words, wrongIn, depth: 0 });
}

type Context = {
  readonly defs: Record<string, JsonSchema>;
  readonly words: readonly string[];
  readonly wrongIn: number;
  readonly depth: number;
};

function valueOf(schema: JsonSchema, context: Context): Arbitrary<unknown> {
  const right = rightOf(schema, context);
  return fc.oneof({ weight: context.wrongIn - 1, arbitrary: right }, { weight: 1, arbitrary: anything });
}

function rightOf(schema: JsonSchema, context: Context): Arbitrary<unknown> {
  if (context.depth > 8) return fc.constant(null);
  const deeper = { ...context, depth: context.depth + 1 };
  return namedOf(schema, deeper) ?? typedOf(schema, deeper);
}

/** Where a schema says what it is by other means than a type. */
function namedOf(schema: JsonSchema, context: Context): Arbitrary<unknown> | undefined {
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.$ref !== undefined) return valueOf(context.defs[schema.$ref.split('/').at(-1) ?? ''] ?? {}, context);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (choices !== undefined) return fc.oneof(...choices.map((one) => valueOf(one, context)));
  return schema.allOf === undefined ? undefined : rightOf(Object.assign({}, ...schema.allOf) as JsonSchema, context);
}

function typedOf(schema: JsonSchema, context: Context): Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return objectOf(schema, context);
    case 'array':
      return arrayOf(schema, context);
    case 'integer':
      return integerOf(schema);
    case 'number':
      return fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), integerOf(schema));
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textOf(schema, context.words);
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(anything, textOf({}, context.words));
  }
}

function arrayOf({ items = {}, minItems = 0, maxItems = 3 }: JsonSchema, context: Context): Arbitrary<unknown> {
  return fc.array(valueOf(items, context), { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) });
}

function objectOf(schema: JsonSchema, context: Context): Arbitrary<unknown> {
  const members = Object.entries(schema.properties ?? {}).map(([key, value]) => [key, valueOf(value, context)] as const);
  const own = fc.record(Object.fromEntries(members), {
    requiredKeys: (schema.required ?? []).filter((key) => key in (schema.properties ?? {})),
  });
  const rest = schema.additionalProperties;
  if (typeof rest !== 'object') return own;
  const key = textOf(schema.propertyNames ?? {}, context.words);
  const more = fc.dictionary(key, valueOf(rest, context), { maxKeys: 3 });
  return fc.tuple(own, more).map(([first, second]) => ({ ...second, ...first }));
}

function integerOf({ minimum = -2, maximum = 1_000_000 }: JsonSchema): Arbitrary<number> {
  const [min, max] = [Math.max(minimum, -(2 ** 31)), Math.min(maximum, 2 ** 31 - 1)];
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, Math.min(max, min + 1)));
}

function textOf(schema: JsonSchema, words: readonly string[]): Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 40 } = schema;
  const fits = words.filter(
    (word) => word.length >= minLength && word.length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(word)),
  );
  const known = fits.length === 0 ? [] : [{ weight: 4, arbitrary: fc.constantFrom(...fits) }];
  return fc.oneof(
    ...known,
    { weight: 2, arbitrary: madeFor(format, pattern) ?? fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) }) },
    { weight: 1, arbitrary: hostileText },
  );
}

function madeFor(format: string | undefined, pattern: string | undefined): Arbitrary<string> | undefined {
  if (format === 'uuid') return fc.uuid();
  if (format === 'email') return fc.emailAddress();
  if (format === 'uri') return fc.webUrl();
  if (format === 'ipv4') return fc.ipV4();
  if (format === 'ipv6') return fc.ipV6();
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2100-01-01') }).map((date) => date.toISOString());
  if (pattern === undefined) return undefined;
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'));
  } catch {
    // A pattern that looks around is more than can be made from.
    return undefined;
  }
}
