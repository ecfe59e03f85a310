import type { Node, NodeSortKey } from '@muster/api';
import type { RangeAst, RangeLevel, RangeTerm } from '../range/range-ast.ts';
import type { AttributeValue, RangeWorld } from '../range/range-world.ts';
import { fieldValue, type FieldValue } from './field-value.ts';
import { nodeFields, sortKeys } from './node-fields.ts';

/** Of a node, what a range can ask for. `values` holds at least the fields that the range names; null is none. */
export type WorldNode = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Partial<Record<NodeSortKey, FieldValue>>>;
};

/** `group` and `role` are the groups: inventories give machines their roles by groups. */
const groupWords: readonly string[] = ['group', 'groups', 'role'];

/** What a range asks its nodes for: fields besides the name, and whether it asks for labels. So no more than that has to be read. */
export type AskedOfWorld = { readonly fields: readonly NodeSortKey[]; readonly labels: boolean };

/** What a range asks its nodes for. Pure. */
export function askedBy(range: RangeAst): AskedOfWorld {
  const words = new Set(attributesOf(range));
  return {
    fields: sortKeys.filter((key) => words.has(key) && !groupWords.includes(key)),
    labels: [...words].some((word) => word.startsWith('label.')),
  };
}

function* attributesOf(level: RangeLevel): Generator<string> {
  for (const { terms } of level.items) for (const term of terms) yield* attributesOfTerm(term);
}

function* attributesOfTerm(term: RangeTerm): Generator<string> {
  if (term.kind === 'attribute') yield term.attribute;
  if (term.kind === 'level') yield* attributesOf(term);
}

/**
 * The world of an installation: its nodes in natural order, their groups, their fields as attributes, their labels as `label.KEY`. It has
 * no files: a range that comes to a server must not read the server's.
 */
export function nodeWorld(nodes: readonly WorldNode[]): RangeWorld {
  const groups = groupsOf(nodes);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return {
    names: nodes.map(({ name }) => name),
    groups,
    attributes: new Map([...choicesOfFields(), ...groupWords.map((word) => [word, [...groups.keys()]] as const)]),
    attributeOf: (name, attribute) => attributeOf(byName.get(name), attribute),
  };
}

function groupsOf(nodes: readonly WorldNode[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, groups: its } of nodes) {
    for (const group of its) {
      const names = groups.get(group);
      if (names === undefined) groups.set(group, [name]);
      else names.push(name);
    }
  }
  return groups;
}

const choicesOfFields = () =>
  sortKeys.map((key) => {
    const field = nodeFields[key];
    return [key, field.kind === 'choice' ? field.choices : null] as const;
  });

function attributeOf(node: WorldNode | undefined, attribute: string): AttributeValue {
  if (node === undefined) return undefined;
  if (groupWords.includes(attribute)) return node.groups;
  if (attribute.startsWith('label.')) {
    const key = attribute.slice('label.'.length);
    return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
  }
  return isField(attribute) ? (node.values[attribute] ?? undefined) : undefined;
}

const isField = (word: string): word is NodeSortKey => Object.hasOwn(nodeFields, word);

/** A node as a world has it, with every field. Pure; `nowMs` is the wall clock. */
export const worldNodeOf = (node: Node, nowMs: number): WorldNode => ({
  name: node.name,
  groups: node.groups,
  labels: node.labels,
  values: Object.fromEntries(sortKeys.map((key) => [key, key === 'os' ? osValues(node) : fieldValue(key, node, nowMs)])),
});

/** A system answers to its id, its id with the version, and its full name: `os=debian`, `os="debian 12"`, `os=~^Debian`. */
const osValues = ({ facts }: Pick<Node, 'facts'>): FieldValue =>
  facts === null ? null : [facts.os.id, `${facts.os.id} ${facts.os.version}`, facts.os.name];
