import { parseHostAddress } from './host-address.ts';
import { expandHostRange } from './host-range.ts';
import { InventoryError, locating } from './inventory-error.ts';
import type { GroupNode, InventoryGraph } from './inventory-graph.ts';
import type { InventoryValue } from './inventory-value.ts';
import { entriesOf, keyTextOf, toInventoryValue, type PythonValue } from './python-value.ts';
import type { TreeDocument } from './tree-document.ts';
import { isEmpty } from './variables-document.ts';

const ADVICE = 'Write `group: {hosts: {name: {variable: value}}, children: {}, vars: {}}`; each part may be left out.';

/**
 * Reads an inventory in YAML or JSON into the graph: a map of groups, each with `hosts`,
 * `children` and `vars`. Throws InventoryError with file, line and column for what Ansible's
 * `yaml` plugin rejects and for what it skips with a warning.
 */
export function readYamlSource(document: TreeDocument, graph: InventoryGraph): void {
  new YamlSource(document, graph).read();
}

class YamlSource {
  readonly #document: TreeDocument;
  readonly #graph: InventoryGraph;

  constructor(document: TreeDocument, graph: InventoryGraph) {
    this.#document = document;
    this.#graph = graph;
  }

  read(): void {
    const groups = entriesOf(this.#document.root);
    if (groups === undefined || groups.length === 0) throw this.#error([], 'the inventory is not a map of groups');
    const plugin = groups.find(([key]) => keyTextOf(key) === 'plugin');
    if (plugin !== undefined && !isFalse(plugin[1])) throw this.#pluginError();
    for (const [key, data] of groups) this.#readGroup(key, data, []);
  }

  #readGroup(key: PythonValue, data: PythonValue, above: readonly string[]): GroupNode {
    const path = [...above, keyTextOf(key)];
    const name = this.#text(key, path, 'the name of a group');
    if (name === '') throw this.#error(path, 'the name of a group is empty');
    const isMap = entriesOf(data) !== undefined;
    if (!isMap && !isNull(data)) throw this.#error(path, `the group ${name} is no map of hosts, children and vars`);
    const group = this.#graph.addGroup(name);
    for (const [section, content] of entriesOf(data) ?? []) this.#readSection(group, section, content, path);
    return group;
  }

  #readSection(group: GroupNode, key: PythonValue, content: PythonValue, above: readonly string[]): void {
    const section = keyTextOf(key);
    const path = [...above, section];
    if (isNull(content)) return;
    if (section !== 'hosts' && section !== 'children' && section !== 'vars') {
      throw this.#error(path, `the group ${group.name} has an unknown part, ${section}`);
    }
    const entries = sectionEntries(content);
    if (entries === undefined) throw this.#error(path, `${section} of the group ${group.name} must be a map`);
    for (const [name, value] of entries) {
      if (section === 'hosts') this.#readHosts(group, name, value, path);
      else if (section === 'children') this.#readChild(group, name, value, path);
      else this.#setVariable(path, name, value, (text, found) => this.#graph.setGroupVariable(group, text, found));
    }
  }

  #readChild(group: GroupNode, key: PythonValue, data: PythonValue, above: readonly string[]): void {
    const child = this.#readGroup(key, data, above);
    this.#at([...above, child.name], () => this.#graph.addChild(group, child));
  }

  #readHosts(group: GroupNode, key: PythonValue, data: PythonValue, above: readonly string[]): void {
    const path = [...above, keyTextOf(key)];
    const pattern = this.#text(key, path, 'the name of a host');
    const address = parseHostAddress(pattern);
    const names = this.#at(path, () => (address.pattern.includes('[') ? expandHostRange(address.pattern) : [address.pattern]));
    const variables = entriesOf(data);
    if (variables === undefined && !isFalse(data)) throw this.#error(path, `the variables of ${pattern} must be a map`);
    for (const name of names) {
      this.#at(path, () => this.#graph.addHost(name, group, address.port));
      for (const [variable, value] of variables ?? []) {
        this.#setVariable(path, variable, value, (text, found) => this.#graph.setHostVariable(name, text, found));
      }
    }
  }

  #setVariable(above: readonly string[], key: PythonValue, value: PythonValue, set: (name: string, value: InventoryValue) => void): void {
    const path = [...above, keyTextOf(key)];
    this.#at(path, () => set(keyTextOf(key), toInventoryValue(value)));
  }

  #text(key: PythonValue, path: readonly string[], what: string): string {
    const text = textOf(key);
    if (text !== undefined) return text;
    throw this.#error(path, `${what} must be text, and ${keyTextOf(key)} is not`, 'Put it between quotes.');
  }

  /** Adds the place to an error; it is looked for only then, because that takes a second reading. */
  #at<T>(path: readonly string[], work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof InventoryError)) throw error;
      return locating(this.#document.placeOf(path), () => {
        throw error.file === undefined ? error : withoutFile(error);
      });
    }
  }

  #error(path: readonly string[], problem: string, advice = ADVICE): InventoryError {
    return new InventoryError({ ...this.#document.placeOf(path), problem, advice });
  }

  #pluginError(): InventoryError {
    const advice = 'Write what `ansible-inventory --list --yaml` prints for it into a file, and name that file.';
    return this.#error(['plugin'], 'the file configures an inventory plugin of Ansible, which only Ansible can run', advice);
  }
}

function withoutFile({ problem, advice, offending }: InventoryError): InventoryError {
  return new InventoryError({ problem, advice, offending });
}

/** A single name may stand for a map with that name alone. */
function sectionEntries(content: PythonValue): readonly (readonly [PythonValue, PythonValue])[] | undefined {
  const text = textOf(content);
  return text === undefined
    ? entriesOf(content)
    : [
        [
          { kind: 'scalar', value: text },
          { kind: 'scalar', value: null },
        ],
      ];
}

function textOf(part: PythonValue): string | undefined {
  const isText = (part.kind === 'scalar' && part.isDate !== true) || part.kind === 'ready';
  return isText && typeof part.value === 'string' ? part.value : undefined;
}

function isFalse(part: PythonValue): boolean {
  return isEmpty(toInventoryValue(part));
}

function isNull(part: PythonValue): boolean {
  return (part.kind === 'scalar' || part.kind === 'ready') && part.value === null;
}
