import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ansibleJsonText } from '../src/inventory/ansible-json.ts';
import { parseHostAddress } from '../src/inventory/host-address.ts';
import { expandHostRange } from '../src/inventory/host-range.ts';
import { graphLines, InventoryError, listText, readExtraVariables, readInventory } from '../src/inventory/index.ts';
import { readLiteral } from '../src/inventory/literal.ts';
import { readVariablesDocument } from '../src/inventory/variables-document.ts';
import { splitShellWords } from '../src/inventory/shell-words.ts';
import { anyInventoryCase, type InventoryCase } from './inventory-case-generator.ts';
import { diskFiles } from './inventory-fixtures.ts';
import { anyAddress, anyDocument, anyLiteral, anyRange, anyWords, Choices } from './inventory-generator.ts';

/** Change it (or set it for one run) to compare another set. */
const SEED = Number(process.env['MUSTER_INVENTORY_SEED'] ?? 20_260_730);
const COUNT = { inventories: 2500, literals: 4000, words: 3000, addresses: 3000, ranges: 2000, documents: 2000 };

interface Said {
  readonly value?: unknown;
  readonly error?: string;
}

interface Answer {
  readonly cases: readonly { status: number; printed: string; said: string }[];
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
  const inventories = times(COUNT.inventories, anyInventoryCase);
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
      return { directory, arguments: argumentsOf(inventory) };
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
  }, 300_000);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('reads whole inventories alike, and rejects the same ones', () => {
    const tally = { same: 0, rejected: 0, warned: 0, unprintable: 0 };
    const differences: unknown[] = [];
    inventories.forEach((inventory, index) => {
      const theirs = answer.cases[index];
      const ours = readOurs(join(root, String(index)), inventory);
      if (theirs === undefined) throw new Error('a case got no answer');
      const verdict = verdictOf(theirs, ours, inventory.question);
      if (verdict === 'different')
        differences.push({
          index,
          files: Object.fromEntries(inventory.files),
          arguments: argumentsOf(inventory),
          theirs,
          ours: String(ours),
        });
      else tally[verdict] += 1;
    });
    process.stderr.write(`inventories compared (seed ${SEED}): ${JSON.stringify(tally)}\n`);
    expect(differences.slice(0, 3)).toEqual([]);
    expect(tally.same).toBeGreaterThan(COUNT.inventories / 3);
    expect(tally.rejected).toBeGreaterThan(COUNT.inventories / 20);
    expect(Object.values(tally).reduce((sum, count) => sum + count)).toBe(COUNT.inventories);
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

function argumentsOf({ question, sources, extra }: InventoryCase): string[] {
  return [...question, ...sources.flatMap((source) => ['-i', source]), ...extra.flatMap((text) => ['-e', text])];
}

function writeInventory(directory: string, inventory: InventoryCase): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of inventory.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
}

function readOurs(directory: string, { question, sources, extra }: InventoryCase): string | InventoryError {
  const files = { ...diskFiles(directory), run: (path: string, args: readonly string[]) => runIn(directory, path, args) };
  try {
    const inventory = readInventory(sources, files, { extraVariables: readExtraVariables(extra, files) });
    if (!question.includes('--graph')) return listText(inventory, question.includes('--export'));
    return `${graphLines(inventory, { hasVariables: question.includes('--vars') }).join('\n')}\n`;
  } catch (error) {
    if (error instanceof InventoryError) return error;
    throw error;
  }
}

function runIn(directory: string, path: string, args: readonly string[]): string | undefined {
  const file = join(directory, path);
  return statSync(file).mode % 2 === 1 ? spawnSync(file, args, { encoding: 'utf8' }).stdout : undefined;
}

type Verdict = 'same' | 'rejected' | 'warned' | 'unprintable';

/** Ansible goes on without a part of an inventory after it said one of these. */
function hasDropped(said: string): boolean {
  const warnings = said.replaceAll('\n', '').split('[WARNING]: ');
  // In a file of variables it is one value that another stands for, and nothing is lost.
  return warnings.some(
    (text) => text.startsWith('Skipping') || /^While constructing a mapping from (?:(?!_vars|extra).)*, line/u.test(text),
  );
}

function verdictOf(theirs: Answer['cases'][number], ours: string | InventoryError, question: readonly string[]): Verdict | 'different' {
  // Sets and complex numbers: Ansible reads them and then fails to print them, as what is encrypted.
  if (/not JSON serializable|keys must be str|no vault secrets/u.test(theirs.said)) return 'unprintable';
  const hasRefused = theirs.status !== 0;
  if (ours instanceof InventoryError) {
    if (hasRefused) return 'rejected';
    return isUnread(question, ours) || hasDropped(theirs.said) ? 'warned' : 'different';
  }
  if (hasRefused || hasDropped(theirs.said)) return 'different';
  const isSame = question.includes('--graph') ? isSameGraph : isSameJson;
  return isSame(theirs.printed, ours) ? 'same' : 'different';
}

/** Ansible opens no file of variables for a graph without them, so it cannot find a broken one. */
function isUnread(question: readonly string[], { file = '' }: InventoryError): boolean {
  return question.includes('--graph') && !question.includes('--vars') && file.includes('_vars/');
}

/** What has another type here is not compared in a graph with variables, only that it is there: tuples, sets and keys of dicts, dates, `...`. */
const OTHER_TYPE = / = .*(?:[({]|\d{4}-\d\d-\d\d|Ellipsis|\dj\})/u;

function isSameGraph(theirs: string, ours: string): boolean {
  const [left, right] = [theirs.split('\n'), ours.split('\n')];
  const isSameLine = (line: string, other: string) =>
    line === other || (OTHER_TYPE.test(line) && line.split(' = ')[0] === other.split(' = ')[0]);
  return left.length === right.length && left.every((line, index) => isSameLine(line, right[index] ?? ''));
}

function isSameJson(theirs: string, ours: string): boolean {
  return compact(theirs) === compact(ours);
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
