import { InventoryError, locating } from './inventory-error.ts';
import type { InventoryFiles } from './inventory-files.ts';
import type { GroupNode, InventoryGraph } from './inventory-graph.ts';
import type { InventoryValue, Variables } from './inventory-value.ts';
import { parseJsonTree } from './json-tree.ts';
import { toInventoryValue } from './python-value.ts';

/** What a run of an inventory program printed for these arguments. */
type Ask = (...args: string[]) => string;

/**
 * Reads an executable inventory into the graph: it is run with `--list`, and with
 * `--host <name>` for each host where its answer has no `_meta.hostvars`. False, with nothing
 * run, where the file is no program. Throws InventoryError for a run that failed and for
 * answers that are not as Ansible wants them.
 */
export function readProgramSource(file: string, files: InventoryFiles, graph: InventoryGraph): boolean {
  const first = run(file, files, ['--list']);
  if (first === undefined) return false;
  const ask: Ask = (...args) => run(file, files, args) ?? '';
  locating({ file }, () => new ProgramSource(graph, ask).read(first));
  return true;
}

function run(file: string, files: InventoryFiles, args: readonly string[]): string | undefined {
  try {
    return files.run?.(file, args);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const problem = `the inventory program failed with ${args.join(' ')}: ${reason}`;
    throw new InventoryError({ file, problem, advice: 'Run it by hand to see all it says.' }, { cause });
  }
}

class ProgramSource {
  readonly #graph: InventoryGraph;
  readonly #ask: Ask;
  readonly #hosts = new Set<string>();

  constructor(graph: InventoryGraph, ask: Ask) {
    this.#graph = graph;
    this.#ask = ask;
  }

  read(text: string): void {
    const groups = mapOf(parsed(text, '--list'), 'the answer to --list');
    for (const [name, data] of groups) if (name !== '_meta') this.#readGroup(name, data);
    const meta = groups.get('_meta');
    const hostvars = meta === undefined ? undefined : mapOf(meta, '_meta').get('hostvars');
    for (const host of this.#hosts) {
      const isKnown = hostvars !== undefined && hostvars !== null;
      const variables = isKnown ? knownFor(mapOf(hostvars, '_meta.hostvars'), host) : this.#askFor(host);
      for (const [key, value] of variables) this.#graph.setHostVariable(host, key, value);
    }
  }

  #askFor(host: string): Variables {
    return mapOf(parsed(this.#ask('--host', host), `--host ${host}`), `the answer to --host ${host}`);
  }

  #readGroup(name: string, data: InventoryValue): void {
    if (name === '') throw answerError('the name of a group is empty');
    const group = this.#graph.addGroup(name);
    if (!(data instanceof Map)) return this.#addHosts(group, data);
    const parts = data as Variables;
    const isPlain = !['hosts', 'vars', 'children'].some((part) => parts.has(part));
    // An old form: the group is a host too, and these are its variables.
    if (isPlain) this.#addHosts(group, [name]);
    else if (parts.has('hosts')) this.#addHosts(group, parts.get('hosts') ?? null);
    const variables = isPlain ? parts : parts.get('vars');
    if (variables !== undefined) {
      for (const [key, value] of mapOf(variables, `vars of the group ${name}`)) this.#graph.setGroupVariable(group, key, value);
    }
    if (parts.has('children')) this.#addChildren(group, parts.get('children') ?? null);
  }

  #addHosts(group: GroupNode, names: InventoryValue): void {
    for (const name of namesOf(names, `hosts of the group ${group.name}`)) {
      this.#hosts.add(name);
      this.#graph.addHost(name, group, undefined);
    }
  }

  #addChildren(group: GroupNode, names: InventoryValue): void {
    for (const name of namesOf(names, `children of the group ${group.name}`)) {
      if (name === '') throw answerError('the name of a group is empty');
      this.#graph.addChild(group, this.#graph.addGroup(name));
    }
  }
}

function parsed(text: string, args: string): InventoryValue {
  const tree = parseJsonTree(text);
  if (tree === undefined) throw answerError(`what the inventory program printed for ${args} is not JSON`);
  return toInventoryValue(tree);
}

function knownFor(known: Variables, host: string): Variables {
  const variables = known.get(host);
  return variables === undefined ? new Map() : mapOf(variables, `_meta.hostvars of ${host}`);
}

function mapOf(value: InventoryValue, what: string): Variables {
  if (value instanceof Map) return value as Variables;
  throw answerError(`${what} must be a map`);
}

function namesOf(value: InventoryValue, what: string): string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw answerError(`${what} must be a list of names`);
}

function answerError(problem: string): InventoryError {
  const advice = 'The program must print {"group": {"hosts": [], "children": [], "vars": {}}, "_meta": {"hostvars": {}}} as JSON.';
  return new InventoryError({ problem, advice });
}
