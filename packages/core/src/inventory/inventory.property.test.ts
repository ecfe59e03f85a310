import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/inventory-fixtures.ts';
import { ansibleJsonText } from './ansible-json.ts';
import { expandHostRange, MAX_HOSTS_PER_LINE } from './host-range.ts';
import { InventoryError } from './inventory-error.ts';
import { PythonFloat, type InventoryValue } from './inventory-value.ts';
import { readLiteral } from './literal.ts';
import { splitShellWords } from './shell-words.ts';
import { readVariablesDocument } from './variables-document.ts';

const RUNS = { numRuns: 500 };

/** The result, or undefined for an InventoryError; anything else fails the property. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InventoryError) return undefined;
    throw error;
  }
}

const mark = fc.constantFrom(
  ...'[]{}()=:#;,.\'"\\|-+ \t\n',
  '[a]',
  ':children]',
  ':vars]',
  'h1',
  'a=1',
  '[1:3]',
  '[01:10:2]',
  'all',
  '&a',
  '*a',
  '<<: ',
  '!!int ',
);
const inventoryText = fc
  .array(fc.oneof(mark, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 60 })
  .map((parts) => parts.join(''));

describe('whatever is written', () => {
  it('reading ends with an inventory or an InventoryError with its place', () => {
    fc.assert(
      fc.property(inventoryText, (ini) => {
        try {
          const inventory = inventoryOf(ini);
          for (const host of inventory.hosts) attempt(() => inventory.connectionOf(host));
          JSON.parse(inventory.toAnsibleJson());
        } catch (error) {
          if (!(error instanceof InventoryError)) throw error;
          expect(error.file).toBe('hosts');
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('bytes of any kind end so too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void attempt(() => inventoryOf(bytes))),
      RUNS,
    );
  });

  it('so do files of variables', () => {
    fc.assert(
      fc.property(inventoryText, (text) => void attempt(() => readVariablesDocument('x.yml', text))),
      { numRuns: 1500 },
    );
  });

  it('a value is a literal, text or refused, and a literal can be printed', () => {
    fc.assert(
      fc.property(inventoryText, (text) => {
        const result = readLiteral(text);
        if (result.kind === 'literal') JSON.parse(ansibleJsonText(result.value));
      }),
      { numRuns: 1500 },
    );
  });

  it('a range makes no more hosts than allowed', () => {
    const bound = fc.oneof(fc.bigInt(-20n, 10n ** 20n).map(String), fc.constantFrom('', 'a', 'Z', '007'));
    const range = fc.array(bound, { minLength: 1, maxLength: 3 }).map((bounds) => `[${bounds.join(':')}]`);
    const pattern = fc.array(fc.oneof(range, fc.constantFrom('w', '-', '[', ']', '|')), { maxLength: 4 });
    fc.assert(
      fc.property(pattern, (parts) => {
        const names = attempt(() => expandHostRange(parts.join('')));
        expect(names?.length ?? 0).toBeLessThanOrEqual(MAX_HOSTS_PER_LINE);
      }),
      RUNS,
    );
  });
});

describe('what was written comes back', () => {
  const scalar = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string().map((text) => text.replaceAll('\0', '')),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => new PythonFloat(value)),
  );
  const { value } = fc.letrec<{ value: InventoryValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .dictionary(
          fc.string().map((key) => key.replaceAll('\0', '')),
          tie('value'),
          { maxKeys: 4 },
        )
        .map((record) => new Map(Object.entries(record))),
    ),
  }));

  it('every value through its Python spelling', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(readLiteral(pythonText(original))).toEqual({ kind: 'literal', value: original });
      }),
      RUNS,
    );
  });

  it('every word through shell quoting', () => {
    const words = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 });
    fc.assert(
      fc.property(words, (texts) => {
        const line = texts.map((text) => `'${text.replaceAll("'", `'"'"'`)}'`).join(' ');
        expect(splitShellWords(line).map((word) => word.text)).toEqual(texts);
      }),
      RUNS,
    );
  });

  it('every variable of every host, whatever the order of the lines', () => {
    const lines = fc.uniqueArray(fc.tuple(fc.constantFrom('h1', 'h2', 'h3'), fc.constantFrom('a', 'b', 'c'), fc.nat()), {
      selector: ([host, key]) => host + key,
    });
    fc.assert(
      fc.property(lines, (entries) => {
        const inventory = inventoryOf(entries.map(([host, key, number]) => `${host} ${key}=${number}`).join('\n'));
        for (const [host, key, number] of entries) expect(inventory.varsOf(host).get(key)).toBe(number);
      }),
      RUNS,
    );
  });
});

/** A value as a Python literal. */
function pythonText(value: InventoryValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => pythonText(item as InventoryValue)).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${JSON.stringify(key)}: ${pythonText(item as InventoryValue)}`);
    return `{${entries.join(', ')}}`;
  }
  if (typeof value !== 'object' || value instanceof PythonFloat) return String(value);
  throw new TypeError('not a value this test makes');
}
