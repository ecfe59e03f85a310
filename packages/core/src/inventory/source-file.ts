import { readInventoryText } from './decode-source.ts';
import { readIniSource } from './ini-source.ts';
import { InventoryError } from './inventory-error.ts';
import { extensionOf, type InventoryFiles } from './inventory-files.ts';
import type { InventoryGraph } from './inventory-graph.ts';
import { readProgramSource } from './program-source.ts';
import { entriesOf } from './python-value.ts';
import { readTreeDocument, type TreeDocument } from './tree-document.ts';
import { readYamlSource } from './yaml-source.ts';

/** Names that promise YAML or JSON; what has no extension may be anything. */
const TREE_EXTENSIONS: ReadonlySet<string> = new Set(['.yml', '.yaml', '.json']);

/**
 * Reads one inventory file into the graph. A program is run. As in Ansible a file named .yml, .yaml or .json or
 * without an extension is YAML (or JSON) where its content is that, and everything else is
 * INI, whatever its name: inv.toml too. Throws InventoryError.
 */
export function readSourceFile(file: string, files: InventoryFiles, graph: InventoryGraph): void {
  if (readProgramSource(file, files, graph)) return;
  const text = readInventoryText(file, files);
  try {
    readText(file, text, graph);
  } catch (error) {
    if (!(error instanceof InventoryError) || !text.startsWith('#!')) throw error;
    const advice = 'Make it executable (chmod +x), or take its first line away if it is no program.';
    throw new InventoryError(
      { file, line: 1, column: 1, problem: 'the file begins with #! and may not be executed', advice },
      { cause: error },
    );
  }
}

function readText(file: string, text: string, graph: InventoryGraph): void {
  const extension = extensionOf(file.slice(file.lastIndexOf('/') + 1));
  const isNamedTree = TREE_EXTENSIONS.has(extension);
  if (!isNamedTree && extension !== '') return readIniSource(file, text, graph);
  const isMeantTree = isNamedTree || looksLikeYaml(text);
  const found = treeIn(file, text);
  if (!(found instanceof InventoryError) && isInventory(found, isMeantTree)) return readYamlSource(found, graph);
  try {
    readIniSource(file, text, graph);
  } catch (error) {
    if (!(error instanceof InventoryError) || !isMeantTree) throw error;
    // The reader meant YAML: what is wrong with it as INI would only mislead.
    throw found instanceof InventoryError ? found : notGroups(found);
  }
}

function treeIn(file: string, text: string): TreeDocument | InventoryError {
  try {
    return readTreeDocument(file, text, { hasUniqueKeys: true });
  } catch (error) {
    if (error instanceof InventoryError) return error;
    throw error;
  }
}

/** Whether a document is meant as an inventory: a lone INI line such as `h1 a="{'b': 1}"` is a map in YAML too, but of no groups. */
function isInventory({ root }: TreeDocument, isMeantTree: boolean): boolean {
  if (root.kind !== 'dict') return false;
  return isMeantTree || (entriesOf(root) ?? []).some(([, value]) => value.kind === 'dict' || isNull(value));
}

function isNull(value: { readonly kind: string; readonly value?: unknown }): boolean {
  return (value.kind === 'scalar' || value.kind === 'ready') && value.value === null;
}

function looksLikeYaml(text: string): boolean {
  const first = text.split('\n').find((line) => !/^\s*(?:#|$)/u.test(line));
  return first !== undefined && /^(?:---|\{|- )|:\s*(?:#.*)?$/u.test(first);
}

function notGroups(document: TreeDocument): InventoryError {
  return new InventoryError({
    ...document.placeOf([]),
    problem: 'the inventory is not a map of groups',
    advice: 'Begin with `all:`, and write hosts, children and vars below it.',
  });
}
