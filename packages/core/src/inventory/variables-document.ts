import { LineCounter, parseDocument } from 'yaml';
import { InventoryError } from './inventory-error.ts';
import { integerValue, PythonFloat, TaggedText, type InventoryValue, type Variables } from './inventory-value.ts';
import { toInventoryValue } from './python-value.ts';
import { yamlTreeValue, YamlValueError } from './yaml-tree.ts';

const ADVICE = 'Write it as YAML: one `name: value` a line.';

/**
 * Reads a file of variables, JSON or YAML 1.1, as Ansible does. A file whose value is empty
 * (no document, {}, [], false, 0) sets nothing. Throws InventoryError for what is neither
 * and for a file that is no map at its top.
 */
export function readVariablesDocument(file: string, text: string): Variables {
  const value = fromJson(text) ?? fromYaml(file, text);
  if (value instanceof Map) return value;
  if (isEmpty(value)) return new Map();
  throw new InventoryError({
    file,
    line: 1,
    column: 1,
    problem: 'the file of variables is not a map of names to values',
    advice: ADVICE,
  });
}

function isEmpty(value: InventoryValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof PythonFloat) return value.value === 0;
  return value === null || value === false || value === '' || value === 0;
}

/** The value of a JSON text; undefined when it is not JSON (or the JSON null). */
function fromJson(text: string): InventoryValue | undefined {
  try {
    const value = JSON.parse(text, reviveJson) as InventoryValue | null;
    return value ?? undefined;
  } catch {
    return undefined;
  }
}

function reviveJson(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number') return jsonNumber(context?.source ?? String(value));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (value instanceof PythonFloat || value instanceof TaggedText) return value;
  const map = new Map<string, unknown>(Object.entries(value));
  for (const tag of ['vault', 'unsafe'] as const) {
    const text = map.get(`__ansible_${tag}`);
    if (typeof text === 'string') return new TaggedText(tag, text);
  }
  return map;
}

function jsonNumber(source: string): InventoryValue {
  return /[.eE]/u.test(source) ? new PythonFloat(Number(source)) : integerValue(BigInt(source));
}

function fromYaml(file: string, text: string): InventoryValue {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
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
    const [error] = document.errors;
    if (error !== undefined) {
      throw yamlError(file, `not valid YAML: ${error.message}`, placeOf(lines, error.pos[0]), error);
    }
    return toInventoryValue(yamlTreeValue(document));
  } catch (cause) {
    if (cause instanceof InventoryError) throw cause;
    const offset = cause instanceof YamlValueError ? cause.offset : undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw yamlError(file, `a value cannot be read: ${reason}`, placeOf(lines, offset), cause);
  }
}

function placeOf(lines: LineCounter, offset: number | undefined): { line: number; column: number } | undefined {
  if (offset === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function yamlError(file: string, problem: string, place: { line: number; column: number } | undefined, cause: unknown): InventoryError {
  return new InventoryError({ file, ...place, problem, advice: ADVICE }, { cause });
}
