import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { InventoryError, type InventoryPlace } from './inventory-error.ts';
import { parseJsonTree } from './json-tree.ts';
import type { PythonValue } from './python-value.ts';
import { YamlTreeReader, YamlValueError } from './yaml-tree.ts';

const ADVICE = 'Write it as YAML: one `name: value` a line.';

/** A file in JSON or YAML 1.1, as Ansible reads it. */
export interface TreeDocument {
  readonly root: PythonValue;
  /** Where the value below these keys stands, or the last of them that can be found. */
  placeOf(keys: readonly string[]): InventoryPlace;
}

/** How strictly a document is read. */
export interface TreeOptions {
  /** Refuse a key that stands twice in a map, where Ansible warns and takes the last. */
  readonly hasUniqueKeys?: boolean;
}

/** Reads a file that is JSON or YAML. Throws InventoryError for what is neither. */
export function readTreeDocument(file: string, text: string, options: TreeOptions = {}): TreeDocument {
  const json = parseJsonTree(text);
  const root = json ?? readYaml(file, text, options);
  return {
    root,
    placeOf: (keys) => ({ file, ...placeOfKeys(text, keys) }),
  };
}

function readYaml(file: string, text: string, options: TreeOptions): PythonValue {
  const lines = new LineCounter();
  try {
    const document = parseYaml(text, lines);
    const [error] = document.errors;
    if (error !== undefined) {
      throw yamlError(file, `not valid YAML: ${error.message}`, placeOf(lines, error.pos[0]), error);
    }
    return new YamlTreeReader(text, options.hasUniqueKeys === true).read(document.contents, 0);
  } catch (cause) {
    if (cause instanceof InventoryError) throw cause;
    const offset = cause instanceof YamlValueError ? cause.offset : undefined;
    throw yamlError(file, `a value cannot be read: ${reasonOf(cause)}`, placeOf(lines, offset), cause);
  }
}

function parseYaml(text: string, lines: LineCounter): Document {
  return parseDocument(text, {
    version: '1.1',
    // Types are told by yaml-scalar.ts; every scalar arrives as its text.
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    // Pretty errors quote the file, and a file of variables holds secrets.
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  });
}

function placeOfKeys(text: string, keys: readonly string[]): { line: number; column: number } | undefined {
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const key of keys) {
    const pair = pairOf(document, node, key);
    if (pair === undefined) break;
    offset = pair.offset ?? offset;
    node = pair.value;
  }
  return placeOf(lines, offset ?? 0);
}

function pairOf(document: Document, node: unknown, key: string): { offset: number | undefined; value: unknown } | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target)) {
    const item = target.items[Number(key)];
    return { offset: isNode(item) ? item.range?.[0] : undefined, value: item };
  }
  const pair = isMap(target) ? target.items.find(({ key: known }) => isScalar(known) && known.source === key) : undefined;
  return pair === undefined ? undefined : { offset: isNode(pair.key) ? pair.key.range?.[0] : undefined, value: pair.value };
}

function placeOf(lines: LineCounter, offset: number | undefined): { line: number; column: number } | undefined {
  if (offset === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function yamlError(file: string, problem: string, place: { line: number; column: number } | undefined, cause: unknown): InventoryError {
  return new InventoryError({ file, ...place, problem, advice: ADVICE }, { cause });
}
