import { parseHostAddress } from './host-address.ts';
import { expandHostRange } from './host-range.ts';
import { InventoryError, locating, quotable, type InventoryPlace } from './inventory-error.ts';
import type { GroupNode, InventoryGraph } from './inventory-graph.ts';
import type { InventoryValue } from './inventory-value.ts';
import { readLiteral } from './literal.ts';
import { PYTHON_SPACE, leadingBlanks, splitPythonLines, stripPython } from './python-text.ts';
import { splitShellWords, type ShellWord } from './shell-words.ts';

const NAME = `[^:\\]${PYTHON_SPACE}]+`;
const COMMENT = `[${PYTHON_SPACE}]*(?:#.*)?$`;
const SECTION = new RegExp(`^\\[(${NAME})(?::([\\p{L}\\p{N}_]+))?\\]${COMMENT}`, 'u');
const CHILD = new RegExp(`^(${NAME})${COMMENT}`, 'u');

type SectionKind = 'hosts' | 'children' | 'vars';

/** A group that was mentioned before it was declared. */
interface Pending {
  readonly kind: 'children' | 'vars';
  readonly place: InventoryPlace;
  readonly parents: GroupNode[];
}

/**
 * Reads one INI inventory into the graph. Throws InventoryError with file, line and column
 * for everything Ansible's `ini` plugin rejects.
 */
export function readIniSource(file: string, text: string, graph: InventoryGraph): void {
  const reader = new IniReader(file, graph);
  splitPythonLines(text).forEach((raw, index) => reader.readLine(raw, index + 1));
  reader.finish();
}

class IniReader {
  readonly #file: string;
  readonly #graph: InventoryGraph;
  readonly #pending = new Map<string, Pending>();
  #group: GroupNode;
  #kind: SectionKind = 'hosts';
  #line = 0;
  #indent = 0;

  constructor(file: string, graph: InventoryGraph) {
    this.#file = file;
    this.#graph = graph;
    this.#group = graph.addGroup('ungrouped');
  }

  readLine(raw: string, lineNumber: number): void {
    this.#line = lineNumber;
    this.#indent = leadingBlanks(raw);
    const line = stripPython(raw);
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return;
    const section = SECTION.exec(line);
    if (section !== null) this.#readSection(section[1] ?? '', section[2], line);
    else if (line.startsWith('[') && line.endsWith(']')) throw this.#badSection(line);
    else if (this.#kind === 'hosts') this.#readHosts(line);
    else if (this.#kind === 'vars') this.#readVariable(line);
    else this.#readChild(line);
  }

  /** Reports the first group that was mentioned and never declared. */
  finish(): void {
    for (const [name, pending] of this.#pending) {
      const parent = pending.parents.at(-1)?.name ?? '';
      const problem =
        pending.kind === 'vars'
          ? `[${name}:vars] sets variables of a group that does not exist`
          : `[${parent}:children] names a group that does not exist`;
      const advice = `Add a [${name}] section (it may be empty), or correct the name.`;
      throw new InventoryError({ ...pending.place, problem, offending: name, advice });
    }
  }

  #readSection(name: string, modifier: string | undefined, line: string): void {
    const kind = modifier ?? 'hosts';
    if (kind !== 'hosts' && kind !== 'children' && kind !== 'vars') {
      throw new InventoryError({
        ...this.#place(name.length + 2),
        problem: `the section has an unknown type`,
        offending: line,
        advice: 'Only [name], [name:hosts], [name:children] and [name:vars] exist.',
      });
    }
    const isNew = !this.#graph.groups.has(name);
    if (isNew && kind === 'vars' && !this.#pending.has(name)) {
      this.#pending.set(name, { kind, place: this.#place(1), parents: [] });
    }
    this.#group = this.#graph.addGroup(name);
    this.#kind = kind;
    if (kind !== 'vars') this.#declare(name, this.#group);
  }

  #declare(name: string, group: GroupNode): void {
    const pending = this.#pending.get(name);
    if (pending === undefined) return;
    for (const parent of pending.parents) {
      locating(pending.place, () => this.#graph.addChild(parent, group));
    }
    this.#pending.delete(name);
  }

  #readChild(line: string): void {
    const name = CHILD.exec(line)?.[1];
    if (name === undefined) {
      throw new InventoryError({
        ...this.#place(0),
        problem: 'expected one group name',
        offending: line,
        advice: 'Write one bare group name a line below a [...:children] section.',
      });
    }
    const child = this.#graph.groups.get(name);
    const pending = this.#pending.get(name);
    if (child !== undefined) {
      locating(this.#place(0), () => this.#graph.addChild(this.#group, child));
    } else if (pending !== undefined) {
      pending.parents.push(this.#group);
    } else {
      const place = this.#place(0);
      this.#pending.set(name, { kind: 'children', place, parents: [this.#group] });
    }
  }

  #readVariable(line: string): void {
    const equals = line.indexOf('=');
    if (equals < 0) {
      throw new InventoryError({
        ...this.#place(0),
        problem: 'expected key=value',
        offending: quotable(line, line),
        advice: `Lines of [${this.#group.name}:vars] set one variable each; open a [group] section before naming hosts.`,
      });
    }
    const key = stripPython(line.slice(0, equals));
    const place = this.#place(equals + 1);
    const value = readValue(stripPython(line.slice(equals + 1)), key, place);
    locating(place, () => this.#graph.setGroupVariable(this.#group, key, value));
  }

  #readHosts(line: string): void {
    const words = locating(this.#place(0), () => splitWords(line, this.#indent));
    const [first, ...assignments] = words;
    if (first === undefined) return;
    const place = this.#place(first.start);
    const { names, port } = locating(place, () => hostNames(first.text));
    const variables = assignments.map((word) => this.#readAssignment(word, line));
    locating(place, () => {
      for (const name of names) {
        this.#graph.addHost(name, this.#group, port);
        for (const [key, value] of variables) this.#graph.setHostVariable(name, key, value);
      }
    });
  }

  #readAssignment(word: ShellWord, line: string): readonly [string, InventoryValue] {
    const place = this.#place(word.start);
    const equals = word.text.indexOf('=');
    if (equals >= 0) {
      const key = word.text.slice(0, equals);
      return [key, readValue(word.text.slice(equals + 1), key, place)];
    }
    throw new InventoryError({
      ...place,
      problem: 'expected key=value after the host name',
      offending: quotable(word.text, line.slice(0, word.start)),
      advice:
        'Write no blanks around =, quote values that hold blanks, and begin a comment with # (; begins one only at the start of a line).',
    });
  }

  #badSection(line: string): InventoryError {
    return new InventoryError({
      ...this.#place(0),
      problem: 'the section header is not valid',
      offending: line,
      advice:
        'Write [name], [name:children] or [name:vars]; the name may hold no blanks, colons or brackets, and a range needs a name before it, as in web[1:3].',
    });
  }

  /** The place of a character of the stripped line, counted from 0. */
  #place(offset: number): InventoryPlace {
    return { file: this.#file, line: this.#line, column: this.#indent + offset + 1 };
  }
}

/** Splits a host line; a complaint's column is counted in the line with its indent. */
function splitWords(line: string, indent: number): ShellWord[] {
  try {
    return splitShellWords(line);
  } catch (error) {
    if (!(error instanceof InventoryError) || error.column === undefined) throw error;
    const { problem, advice, offending } = error;
    throw new InventoryError({ problem, advice, offending, column: error.column + indent });
  }
}

function hostNames(pattern: string): { names: string[]; port: number | undefined } {
  const address = parseHostAddress(pattern);
  const names = expandHostRange(address.pattern);
  if (stripPython(pattern).endsWith(':') && address.port === undefined) {
    throw new InventoryError({
      problem: 'the host name ends with a colon',
      offending: pattern,
      advice: 'Write host:port, or leave the colon out; an inventory in YAML is not read here.',
    });
  }
  if (names.some((name) => stripPython(name) === '---')) {
    throw new InventoryError({
      problem: '--- begins a YAML file, and this one is read as INI',
      offending: pattern,
      advice: "Write the inventory in Ansible's INI form.",
    });
  }
  return { names, port: address.port };
}

function readValue(text: string, key: string, place: InventoryPlace): InventoryValue {
  const result = readLiteral(text);
  if (result.kind === 'literal') return result.value;
  if (result.kind === 'text') return text;
  throw new InventoryError({
    ...place,
    problem: `the value of ${key} cannot be read: ${result.reason}`,
    advice: `Put it between quotes twice, as in ${key}="'...'", if it is meant as text.`,
  });
}
