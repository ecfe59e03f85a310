import { isAlias, isMap, isScalar, isSeq, Scalar, type Alias, type Pair } from 'yaml';
import { TaggedText } from './inventory-value.ts';
import type { PythonValue } from './python-value.ts';
import { plainScalarKind, scalarOfKind, type YamlScalarKind } from './yaml-scalar.ts';

/** Something in a YAML tree that has no value as a variable; `offset` is where it stands. */
export class YamlValueError extends Error {
  override readonly name = 'YamlValueError';
  readonly offset: number | undefined;

  constructor(message: string, offset: number | undefined) {
    super(message);
    this.offset = offset;
  }
}

/** More values than any real file of variables holds; aliases of aliases get here. */
const MOST_VALUES = 1_000_000;
const DEEPEST_NESTING = 200;

const TAG_PREFIX = 'tag:yaml.org,2002:';
const SCALAR_TAGS: ReadonlySet<string> = new Set(['str', 'null', 'bool', 'int', 'float', 'timestamp']);

type Entries = (readonly [PythonValue, PythonValue])[];

/** The characters libyaml takes in the name of an anchor; the yaml package takes more. */
const ANCHOR = /^[0-9A-Za-z_-]+$/u;

interface TreeNode {
  readonly anchor?: string | undefined;
  readonly tag?: string | undefined;
  readonly range?: readonly [number, number, number] | null | undefined;
}

/**
 * Turns nodes of a YAML document into Python values as PyYAML's safe loader does, with
 * Ansible's own tags `!vault` and `!unsafe`, merges (`<<`) and aliases. Its `read` throws
 * {@link YamlValueError}.
 */
export class YamlTreeReader {
  readonly #anchors = new Map<string, object>();
  readonly #text: string;
  readonly #hasUniqueKeys: boolean;
  #values = 0;

  /** Takes the text the nodes came from. With `hasUniqueKeys` a key that a map holds twice is an error; merged ones are no second. */
  constructor(text: string, hasUniqueKeys: boolean) {
    this.#text = text;
    this.#hasUniqueKeys = hasUniqueKeys;
  }

  /** The value of a node that lies below so many others. */
  read(node: unknown, depth: number): PythonValue {
    this.#values += 1;
    if (this.#values > MOST_VALUES || depth > DEEPEST_NESTING) {
      const message = 'it holds too many values, or aliases that lead back to themselves';
      throw new YamlValueError(message, offsetOf(node));
    }
    if (node === null || node === undefined) return { kind: 'scalar', value: null };
    if (typeof node === 'object') this.#checkAnchor(node);
    if (isAlias(node)) return this.read(this.#resolve(node), depth);
    if (isScalar(node)) return readScalar(node, textOfScalar(node, this.#text));
    if (isSeq(node)) {
      checkTag(node, 'seq');
      return { kind: 'list', items: node.items.map((item) => this.read(item, depth + 1)) };
    }
    if (isMap(node)) {
      checkTag(node, 'map');
      return { kind: 'dict', entries: this.#entries(node.items, depth + 1) };
    }
    throw new YamlValueError('it holds something that is no value', offsetOf(node));
  }

  #checkAnchor(node: object): void {
    const { anchor } = node as TreeNode;
    if (anchor === undefined) return;
    const known = this.#anchors.get(anchor) ?? node;
    this.#anchors.set(anchor, known);
    if (known === node && ANCHOR.test(anchor)) return;
    throw new YamlValueError(`the anchor &${anchor} is not valid or set twice`, offsetOf(node));
  }

  /** The node an alias stands for: anchors are met before their aliases, as in the file. */
  #resolve(alias: Alias): object {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) throw new YamlValueError('an alias names no anchor', offsetOf(alias));
    return target;
  }

  /** The entries of a map, those merged into it first so that its own win. */
  #entries(pairs: readonly Pair[], depth: number): Entries {
    const merged: Entries = [];
    const own: Entries = [];
    if (this.#hasUniqueKeys) refuseRepeatedKey(pairs);
    for (const pair of pairs) {
      if (isMergeKey(pair.key)) merged.push(...this.#merged(pair.value, depth));
      else own.push([this.#key(pair.key, depth), this.read(pair.value, depth)]);
    }
    return [...merged, ...own];
  }

  #key(node: unknown, depth: number): PythonValue {
    if (isScalar(node) && node.type === Scalar.PLAIN && node.source === '=') {
      return { kind: 'scalar', value: '=' };
    }
    if (isScalar(node) && isMissing(node)) throw new YamlValueError('a colon has no key before it', offsetOf(node));
    const key = this.read(node, depth);
    if (key.kind === 'scalar') return key;
    const what = key.kind === 'ready' ? 'tagged text' : `a ${key.kind}`;
    throw new YamlValueError(`${what} cannot be a key`, offsetOf(node));
  }

  #merged(value: unknown, depth: number): Entries {
    const node = isAlias(value) ? this.#resolve(value) : value;
    if (depth > DEEPEST_NESTING) throw new YamlValueError('a merge leads back to itself', offsetOf(node));
    if (typeof node === 'object' && node !== null) this.#checkAnchor(node);
    if (isMap(node)) return this.#entries(node.items, depth + 1);
    if (isSeq(node)) {
      // Of several maps the first has the last word, so it comes last.
      return node.items
        .map((item) => this.#mergedMap(item, depth))
        .toReversed()
        .flat();
    }
    throw new YamlValueError('<< takes a map or a list of maps', offsetOf(node ?? value));
  }

  #mergedMap(item: unknown, depth: number): Entries {
    const node = isAlias(item) ? this.#resolve(item) : item;
    if (typeof node === 'object' && node !== null) this.#checkAnchor(node);
    if (isMap(node)) return this.#entries(node.items, depth + 1);
    throw new YamlValueError('<< takes a map or a list of maps', offsetOf(node));
  }
}

/** Whether nothing at all stands for a node: libyaml, unlike the yaml package, wants at least a `?` there. */
function isMissing({ range, tag, anchor }: TreeNode): boolean {
  return range?.[0] === range?.[1] && tag === undefined && anchor === undefined;
}

function refuseRepeatedKey(pairs: readonly Pair[]): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    const text = isScalar(key) ? key.source : undefined;
    if (text === undefined) continue;
    if (seen.has(text)) throw new YamlValueError(`the key ${text} stands twice in one map`, offsetOf(key));
    seen.add(text);
  }
}

function isMergeKey(node: unknown): boolean {
  if (!isScalar(node)) return false;
  const isPlain = node.type === Scalar.PLAIN && node.tag === undefined;
  return node.source === '<<' && (isPlain || node.tag === `${TAG_PREFIX}merge`);
}

/** The text of a scalar. A block at the very end of a file without a last line end has none either; the yaml package adds one. */
function textOfScalar(node: Scalar, file: string): string {
  const text = node.source ?? '';
  const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  if (!isBlock || (node.range?.[1] ?? 0) < file.length) return text;
  const isCut = file.slice(file.lastIndexOf('\n') + 1).trim() !== '';
  return isCut && text.endsWith('\n') ? text.slice(0, -1) : text;
}

function readScalar(node: Scalar, text: string): PythonValue {
  const tag = node.tag;
  if (tag === '!vault' || tag === '!vault-encrypted') {
    return { kind: 'ready', value: new TaggedText('vault', text) };
  }
  if (tag === '!unsafe') return { kind: 'ready', value: new TaggedText('unsafe', text) };
  const kind = scalarKind(node, text);
  const value = kind === undefined ? undefined : scalarOfKind(text, kind);
  if (value !== undefined) return kind === 'timestamp' ? { kind: 'scalar', value, isDate: true } : { kind: 'scalar', value };
  const problem = tag === undefined ? 'a plain value is not valid' : `the tag ${tag} does not fit here`;
  throw new YamlValueError(problem, offsetOf(node));
}

function scalarKind(node: Scalar, text: string): YamlScalarKind | undefined {
  const { tag } = node;
  // libyaml: `! 7` is the int 7 all the same, a bare `!` the empty text.
  if (tag === '!' && text === '') return 'str';
  if (tag === undefined || tag === '!') {
    if (node.type !== Scalar.PLAIN) return 'str';
    const kind = plainScalarKind(text);
    return kind === 'special' ? undefined : kind;
  }
  const name = tag.startsWith(TAG_PREFIX) ? tag.slice(TAG_PREFIX.length) : '';
  return isScalarTag(name) ? name : undefined;
}

function isScalarTag(name: string): name is YamlScalarKind {
  return SCALAR_TAGS.has(name);
}

function checkTag(node: TreeNode, expected: 'map' | 'seq'): void {
  const { tag } = node;
  if (tag === undefined || tag === '!' || tag === TAG_PREFIX + expected) return;
  throw new YamlValueError(`the tag ${tag} does not fit here`, offsetOf(node));
}

function offsetOf(node: unknown): number | undefined {
  const { range } = (node ?? {}) as TreeNode;
  return range?.[0];
}
