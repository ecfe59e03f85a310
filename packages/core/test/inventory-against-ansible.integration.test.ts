import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ansibleJsonText } from '../src/inventory/ansible-json.ts';
import { parseHostAddress } from '../src/inventory/host-address.ts';
import { expandHostRange } from '../src/inventory/host-range.ts';
import { InventoryError, readInventory } from '../src/inventory/index.ts';
import { readLiteral } from '../src/inventory/literal.ts';
import { readVariablesDocument } from '../src/inventory/variables-document.ts';
import { splitShellWords } from '../src/inventory/shell-words.ts';
import { diskFiles } from './inventory-fixtures.ts';
import {
  anyAddress,
  anyDocument,
  anyInventory,
  anyLiteral,
  anyRange,
  anyWords,
  Choices,
  type GeneratedInventory,
} from './inventory-generator.ts';

/** Change it (or set it for one run) to compare another set. */
const SEED = Number(process.env['MUSTER_INVENTORY_SEED'] ?? 20_260_730);
const COUNT = { inventories: 300, literals: 4000, words: 3000, addresses: 3000, ranges: 2000, documents: 2000 };

interface Said {
  readonly value?: unknown;
  readonly error?: string;
}

interface Answer {
  readonly cases: readonly { status: number; json?: string; said: string }[];
  readonly literals: readonly Said[];
  readonly words: readonly Said[];
  readonly addresses: readonly Said[];
  readonly ranges: readonly Said[];
  readonly documents: readonly Said[];
}

const program = findProgram('ansible-inventory');
const isRequired = process.env['CI'] === 'true';
if (program === undefined && !isRequired) {
  process.stderr.write('left out: ansible-inventory is not installed (Debian: ansible-core), so nothing was compared with it\n');
}

function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The Python that runs the program, from its first line. */
function interpreterOf(path: string): string {
  const [first = ''] = readFileSync(path, 'utf8').split('\n');
  return first.replace(/^#!\s*/u, '').split(' ')[0] ?? '';
}

it('has Ansible to compare with where nothing may be left out', () => {
  expect(program !== undefined || !isRequired, "install Debian's ansible-core").toBe(true);
});

describe.runIf(program !== undefined)('against ansible-inventory', () => {
  let root: string;
  const choices = new Choices(SEED);
  const times = <T>(count: number, make: (choices: Choices) => T) => Array.from({ length: count }, () => make(choices));
  const inventories = times(COUNT.inventories, anyInventory);
  const literals = times(COUNT.literals, anyLiteral);
  const words = times(COUNT.words, anyWords);
  const addresses = times(COUNT.addresses, anyAddress);
  const ranges = times(COUNT.ranges, anyRange);
  const documents = times(COUNT.documents, anyDocument);
  let answer: Answer;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'muster-inventory-'));
    const cases = inventories.map((inventory, index) => {
      const directory = join(root, String(index));
      writeInventory(directory, inventory);
      return { directory, sources: inventory.sources };
    });
    const request = { cases, literals, words, addresses, ranges, documents };
    const batch = join(import.meta.dirname, 'ansible-inventory-batch.py');
    const run = spawnSync(interpreterOf(program ?? ''), [batch], {
      input: JSON.stringify(request),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { PATH: process.env['PATH'], HOME: root, LC_ALL: 'C.UTF-8' },
    });
    if (run.status !== 0) throw new Error(`Ansible's side failed: ${run.stderr}`);
    answer = JSON.parse(run.stdout) as Answer;
  }, 120_000);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('reads whole inventories alike, and rejects the same ones', () => {
    const tally = { same: 0, rejected: 0, unprintable: 0 };
    const differences: unknown[] = [];
    inventories.forEach((inventory, index) => {
      const theirs = answer.cases[index];
      const ours = readOurs(join(root, String(index)), inventory.sources);
      if (theirs === undefined) throw new Error('a case got no answer');
      // Sets and complex numbers: Ansible reads them and then fails to print them.
      if (/not JSON serializable|keys must be str/u.test(theirs.said)) tally.unprintable += 1;
      else if (theirs.status !== 0 && ours instanceof InventoryError) tally.rejected += 1;
      else if (theirs.status === 0 && typeof ours === 'string' && isSameJson(theirs.json, ours)) tally.same += 1;
      else differences.push({ index, files: Object.fromEntries(inventory.files), theirs, ours: String(ours) });
    });
    process.stderr.write(`inventories compared (seed ${SEED}): ${JSON.stringify(tally)}\n`);
    expect(differences.slice(0, 3)).toEqual([]);
    expect(tally.same).toBeGreaterThan(COUNT.inventories / 3);
    expect(tally.rejected).toBeGreaterThan(COUNT.inventories / 20);
  });

  it('takes the same texts for literals, with the same values', () => {
    const expected = answer.literals.map((said) => describeLiteral(said));
    const found = literals.map((text) => ourLiteral(text));
    expect(differing(literals, expected, found).slice(0, 10)).toEqual([]);
  });

  it('splits host lines into the same words', () => {
    const expected = answer.words.map((said) => (said.error === undefined ? said.value : 'error'));
    const found = words.map((line) => orError(() => splitShellWords(line).map((word) => word.text)));
    expect(differing(words, expected, found).slice(0, 10)).toEqual([]);
  });

  it('takes host and port apart alike', () => {
    const expected = answer.addresses.map((said, index) => (said.error === undefined ? said.value : [addresses[index], null]));
    const found = addresses.map((text) => {
      const { pattern, port } = parseHostAddress(text);
      return [pattern, port ?? null];
    });
    expect(differing(addresses, expected, found).slice(0, 10)).toEqual([]);
  });

  it('reads files of variables alike, and rejects the same ones', () => {
    const expected = answer.documents.map((said) => describeLiteral(said));
    const found = documents.map((text) => orError(() => compact(ansibleJsonText(readVariablesDocument('x.yml', text)))));
    const rows = differing(documents, expected, found);
    // Sloppy YAML such as `a: "b"#c` is an error here and none in libyaml: the safe side.
    const stricter = rows.filter((row) => row.found === 'error');
    expect(rows.filter((row) => row.found !== 'error').slice(0, 10)).toEqual([]);
    expect(stricter.length).toBeLessThan(COUNT.documents / 200);
  });

  it('expands ranges to the same hosts', () => {
    const expected = answer.ranges.map((said) => (said.error === undefined ? said.value : 'error'));
    const found = ranges.map((text) => orError(() => expandHostRange(text)));
    expect(differing(ranges, expected, found).slice(0, 10)).toEqual([]);
  });
});

function writeInventory(directory: string, inventory: GeneratedInventory): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of inventory.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

function readOurs(directory: string, sources: readonly string[]): string | InventoryError {
  try {
    return readInventory(sources, diskFiles(directory)).toAnsibleJson();
  } catch (error) {
    if (error instanceof InventoryError) return error;
    throw error;
  }
}

function isSameJson(theirs: string | undefined, ours: string): boolean {
  return compact(theirs ?? 'null') === compact(ours);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === Infinity) return 'infinity';
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const);
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function describeLiteral(said: Said): string {
  if (said.error !== undefined) return 'error';
  return Array.isArray(said.value) ? compact(String(said.value[1])) : String(said.value);
}

function ourLiteral(text: string): string {
  const result = readLiteral(text);
  if (result.kind === 'refused') return 'error';
  return result.kind === 'literal' ? compact(ansibleJsonText(result.value)) : 'text';
}

/** JSON with sorted keys; Python writes Infinity and NaN where JSON has no word for them. */
function compact(json: string): string {
  const standard = json
    .replaceAll(/(?<=^|[ [])(-?)Infinity(?=$|[,}\]\n])/gu, '$11e999')
    .replaceAll(/(?<=^|[ [])NaN(?=$|[,}\]\n])/gu, '"NaN"');
  return JSON.stringify(sorted(JSON.parse(standard)));
}

function orError<T>(work: () => T): T | 'error' {
  try {
    return work();
  } catch (error) {
    if (error instanceof InventoryError) return 'error';
    throw error;
  }
}

interface Row {
  readonly input: string;
  readonly expected: unknown;
  readonly found: unknown;
}

function differing(inputs: readonly string[], expected: readonly unknown[], found: readonly unknown[]): Row[] {
  const rows = inputs.map((input, index) => ({ input, expected: expected[index], found: found[index] }));
  // Sets and complex numbers have no JSON to compare.
  const comparable = rows.filter((row) => row.expected !== 'not for JSON');
  return comparable.filter((row) => JSON.stringify(row.expected) !== JSON.stringify(row.found));
}
