import { addVariableFiles, anyInventory, type Choices, type GeneratedInventory, GROUPS } from './inventory-generator.ts';
import { anyJsonInventory, anyProgramAnswer, anyYamlInventory } from './inventory-tree-generator.ts';

/** What is asked of `ansible-inventory`, as its arguments. */
export type InventoryQuestion = readonly string[];

/** One generated inventory with what is asked of it. */
export interface InventoryCase extends GeneratedInventory {
  readonly question: InventoryQuestion;
  /** Values of `-e`. */
  readonly extra: readonly string[];
}

const EXTRA = [
  'v=1',
  'v=text w="two words"',
  "x='a b' y=",
  '{"v": 1, "w": [1.0, null]}',
  '{v: yes, x: 017}',
  'v={{ x y }}',
  'v=a=b w=\\"x\\"',
  'v=x\\ty w=\\u00e9',
  "v=\"x\"y w='it\\'s'",
  '@extra.yml',
  'has_gpu=True',
];
const BROKEN_EXTRA = ['[1]', '@nope.yml', './x', 'v="x', '{"v": '];

/** A case: INI mostly, but also YAML, JSON, programs, names with commas, and several of them. */
export function anyInventoryCase(choices: Choices): InventoryCase {
  const { files, sources } = anySources(choices);
  const all = new Map(files);
  all.set('extra.yml', 'v: extra\nw: yes\n');
  const extra = choices.isLucky(0.12) ? choices.many(1, 2, () => choices.one(choices.isLucky(0.9) ? EXTRA : BROKEN_EXTRA)) : [];
  const question = choices.isLucky(0.75)
    ? ['--list']
    : choices.one<InventoryQuestion>([['--list', '--export'], ['--graph'], ['--graph', '--vars']]);
  return { files: all, sources, extra, question };
}

function anySources(choices: Choices): GeneratedInventory {
  if (choices.isLucky(0.55)) return anyInventory(choices);
  const groups = [...new Set(choices.many(1, 5, () => choices.one(GROUPS.slice(0, 6))))];
  const files = new Map<string, string>();
  const [first, text] = choices.one<() => readonly [string, string]>([
    () => [choices.one(['one/inv.yml', 'one/inv.yaml', 'one/hosts', 'one/inv.json']), anyYamlInventory(choices, groups)],
    () => [choices.one(['one/inv.yml', 'one/inv.yaml', 'one/hosts']), anyYamlInventory(choices, groups)],
    () => [choices.one(['one/inv.json', 'one/hosts', 'one/inv.yml']), anyJsonInventory(choices, groups)],
    () => ['one/program', `#!/bin/sh\ncat <<'END'\n${anyProgramAnswer(choices, groups)}\nEND\n`],
  ])();
  files.set(first, text);
  if (choices.isLucky(0.5)) addVariableFiles(choices, files, 'one', groups);
  const sources = [choices.isLucky(0.2) && first !== 'one/hosts' ? 'one' : first];
  if (choices.isLucky(0.3)) {
    files.set('two/second.yml', anyYamlInventory(choices, groups));
    sources.push('two/second.yml');
  }
  if (choices.isLucky(0.15)) sources.unshift(choices.one(['h1,h2:2222', 'localhost,', '10.0.0.1, ::1,h1:22', 'x,y,', 'web,']));
  return { files, sources };
}
