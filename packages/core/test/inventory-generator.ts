/** A source of repeatable choices: the same seed gives the same inventories everywhere. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  one<T>(options: readonly T[]): T {
    const chosen = options[this.below(options.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }

  isLucky(chance: number): boolean {
    return this.below(1000) < chance * 1000;
  }

  many<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}

const LITERAL_PARTS = [
  ...'0123456789abxyzeEjJ_.,:;+-#()[]{}\'"\\ =~*/%&|<>!?@$\t',
  ...['True', 'False', 'None', 'true', 'set()', '0x1F', '0o17', '0b10', '1_000', '1e3', '1.10'],
  ...['007', "'a'", '"b"', "'''c'''", "u'd'", "b'e'", "rb'f'", "R'\\g'", "f'h'", "'\\x41'"],
  ...["'\\101'", "'\\u00e9'", "'\\U0001F600'", "'\\q'", "'\\x4'", "'a' 'b'"],
  ...['[1, 2]', "{'a': 1}", '{1: 2}', '{1, 2}', '(1,)', '{{ x }}', '{{5}}', '1,2', '-1', '--1'],
  ...['+1.5', '1j', '1+2j', '...', 'not', 'lambda', '\u00e9', '\u{1f600}', '\u00a0', '1.', '.5', '0.0'],
];

const PLAIN_VALUES = [
  '1',
  '0',
  '-7',
  '007',
  '1_000',
  '1.10',
  '1.0',
  '1e3',
  '1e400',
  '0x1F',
  'True',
  'true',
  'None',
  'null',
  'yes',
  '',
  'word',
  'a=b',
  '/tmp/x',
  '~/.ssh/id_rsa',
  'http://x/y?z=1',
  '1.2.3',
  '[]',
  '{}',
  '()',
  '1,2',
  '[1,2,3]',
  '[1,x]',
  '12345678901234567890',
  '-0',
  '-0.0',
  '1e16',
  '1e-5',
  '123456.789',
  "'a'",
  '5;',
  '{1:2,True:3}',
];

/** Text that may or may not be a Python literal. */
export function anyLiteral(choices: Choices): string {
  if (choices.isLucky(0.2)) return choices.one(PLAIN_VALUES);
  if (choices.isLucky(0.4)) return nestedLiteral(choices, 0);
  return choices.many(0, 6, () => choices.one(LITERAL_PARTS)).join('');
}

function nestedLiteral(choices: Choices, depth: number): string {
  const inner = () => nestedLiteral(choices, depth + 1);
  const gap = choices.one(['', ' ', '']);
  const list = () => choices.many(0, 3, inner).join(`${gap},${gap}`) + choices.one(['', '', ',']);
  if (depth > 3 || choices.isLucky(0.4)) return choices.one([...PLAIN_VALUES.slice(0, 14), "'s'", '"t"', "'it\\'s'"]);
  const form = choices.below(5);
  if (form === 0) return `[${list()}]`;
  if (form === 1) return `(${list()})`;
  if (form === 2) return `{${choices.many(0, 3, () => `${inner()}${gap}:${gap}${inner()}`).join(',')}}`;
  if (form === 3) return `${choices.one(['-', '+', '- ', ''])}${inner()}`;
  return `${inner()}${choices.one(['', ' ', '\t', ' # note', '#x'])}`;
}

const WORD_PARTS = [...'ab1=#;\'"\\ \t[]:,{}$-', '\u00e9', '\u{1f600}', '\u00a0', "'x y'", '"x y"', '\\ ', '\\"', '"\\""', "''"];

/** A host line with quotes, comments and backslashes in odd places. */
export function anyWords(choices: Choices): string {
  return choices.many(1, 14, () => choices.one(WORD_PARTS)).join('');
}

const ADDRESS_PARTS = [
  ...['web', 'a', 'Z', '_', '-', '.', ':', '::', '[', ']', '[1:3]', '[a:f]', '[01:10:2]', '[0:ff]', '@', '|', '/'],
  ...['10', '0', '255', '256', '10.0.0.1', '10.0.0.[1:3]', '2001:db8::1', '[2001:db8::1]', 'fe80', 'ffff', '::ffff:'],
  ...[':22', ':0', ':99999', '\u00e9', '\u00b2', '1.2.3.4', '---', 'node_1', 'x-1', '%eth0', '\u212a'],
];

/** A host pattern, often with ports, brackets and colons in odd places. */
export function anyAddress(choices: Choices): string {
  return choices.many(1, 5, () => choices.one(ADDRESS_PARTS)).join('');
}

const RANGE_BOUNDS = ['0', '1', '3', '01', '03', '010', '9', 'a', 'c', 'z', 'A', 'Z', 'abc', '', '-1', '-2', '1_0', ' 2', 'x1', '+3', '00'];

/** A host pattern with at least one bracket. */
export function anyRange(choices: Choices): string {
  const range = () => {
    const parts = choices.many(1, 3, () => choices.one(RANGE_BOUNDS));
    return choices.isLucky(0.05) ? choices.one(['[', ']', '[1', '1]', '|', '[]']) : `[${parts.join(':')}]`;
  };
  const simple = () => `[${choices.below(4)}:${choices.below(8)}]`;
  const tail = choices.many(0, 1, () => choices.one([range, range, simple])() + choices.one(['', '-', '.x']));
  return `n${[choices.one([range, simple])(), ...tail].join('').replace(/^[^[]*$/u, '$&[')}`;
}

/** Files of one generated inventory by path, and the sources to name with `-i`. */
export interface GeneratedInventory {
  readonly files: ReadonlyMap<string, string>;
  readonly sources: readonly string[];
}

/** Names that groups of a generated inventory get. */
export const GROUPS = ['web', 'db', 'app', 'zoo', 'Big', 'g-1', 'all', 'ungrouped', 'h1'];
/** Patterns of hosts, names that come again among them. */
export const HOSTS = [
  'h1',
  'h1',
  'h2',
  'h2',
  'h3',
  'web[1:3]',
  'db[01:03]',
  'h4:2222',
  '10.0.0.[1:2]',
  'n[a:c]',
  '2001:db8::2',
  'localhost',
  'x.example.org',
];
const ODD_HOSTS = ['web', '[2001:db8::1]:22', 'zoo', 'h5:0', 'h6:99999'];
/** Names of variables. */
export const KEYS = ['v', 'w', 'x', 'y', 'ansible_port', 'ansible_host', 'has_gpu', 'k3s_token', 'groups', 'omit'];

/** A whole inventory: one or two files, sometimes a directory, group_vars and host_vars. */
export function anyInventory(choices: Choices): GeneratedInventory {
  const files = new Map<string, string>();
  const sources = choices.isLucky(0.25) ? ['one/hosts', 'two/hosts'] : ['one/hosts'];
  // Chosen once, so that the files speak of the same groups.
  const chosen = choices.many(1, 6, () => choices.one(choices.isLucky(0.95) ? GROUPS.slice(0, 6) : GROUPS));
  const groups = [...new Set(chosen)];
  const asDirectory = choices.isLucky(0.15);
  for (const source of sources) {
    const folder = source.split('/')[0] ?? '';
    files.set(asDirectory ? `${folder}/b-hosts` : source, anyIni(choices, groups));
    if (asDirectory) addDirectoryFiles(choices, files, folder, groups);
    if (choices.isLucky(0.6)) addVariableFiles(choices, files, folder, groups);
  }
  return { files, sources: asDirectory ? sources.map((path) => path.split('/')[0] ?? '') : sources };
}

function addDirectoryFiles(choices: Choices, files: Map<string, string>, folder: string, groups: readonly string[]): void {
  files.set(`${folder}/a-hosts`, anyIni(choices, groups));
  files.set(`${folder}/deep/c`, anyIni(choices, groups));
  for (const name of ['x.ini', '.hidden', 'notes.md', 'old~', 'hosts.bak']) files.set(`${folder}/${name}`, '= [ broken');
}

/** An INI file; most are valid. */
function anyIni(choices: Choices, groups: readonly string[]): string {
  const lines = choices.many(0, 3, () => hostLine(choices));
  for (const group of groups)
    if (group !== 'h1' || choices.isLucky(0.5)) lines.push(`[${group}]`, ...choices.many(0, 3, () => hostLine(choices)));
  lines.push(...choices.many(0, 3, () => section(choices, groups)).flat());
  if (choices.isLucky(0.12)) lines.splice(choices.below(lines.length + 1), 0, brokenLine(choices));
  const noise = choices.many(0, 2, () => choices.one(['', '# note', '; note', '   # note', '\t']));
  return [...noise, ...lines].join(choices.one(['\n', '\n', '\r\n'])) + choices.one(['\n', '', '\n\n']);
}

function section(choices: Choices, groups: readonly string[]): string[] {
  const group = choices.one(groups);
  const indent = choices.one(['', '', '  ']);
  if (choices.isLucky(0.5)) {
    const note = choices.one(['', ' # vars', '#vars']);
    return [`[${group}:vars]${note}`, ...choices.many(0, 4, () => indent + variableLine(choices))];
  }
  // Children mostly come from further down the list, so that loops stay the exception.
  const below = choices.isLucky(0.97) ? groups.slice(groups.indexOf(group) + 1) : groups;
  if (below.length === 0) return [`[${group}]`];
  const child = () => indent + choices.one(below) + choices.one(['', ' ', ' # child']);
  return [`[${group}:children]`, ...choices.many(1, 3, child)];
}

function variableLine(choices: Choices): string {
  if (choices.isLucky(0.1)) return `ansible_group_priority=${choices.one(['1', '5', '10', '-1', "'7'", '1.9', 'True', 'x'])}`;
  const equals = choices.one(['=', ' = ', '= ', ' =']);
  return choices.one(KEYS) + equals + safeLiteral(choices);
}

function hostLine(choices: Choices): string {
  const quoted = () => {
    const value = safeLiteral(choices);
    if (!/[\s#'"\\]/u.test(value)) return value;
    return value.includes("'") ? `"${value.replaceAll(/["\\]/gu, '\\$&')}"` : `'${value}'`;
  };
  const variables = choices.many(0, 3, () => `${choices.one(KEYS)}=${quoted()}`);
  const end = choices.one(['', '', ' # note', '#note', ' ']);
  const host = choices.one(choices.isLucky(0.97) ? HOSTS : ODD_HOSTS);
  return [host, ...variables].join(choices.one([' ', '  ', '\t'])) + end;
}

/** A value that Ansible can print as JSON again: most are, some stay text. */
function safeLiteral(choices: Choices): string {
  const value = choices.isLucky(0.6) ? choices.one(PLAIN_VALUES) : anyLiteral(choices);
  return value.includes('\n') ? 'x' : value;
}

const BROKEN = [
  'h9 a = 1',
  'h9 ; note',
  "h9 'open",
  'h9 back\\',
  '[web',
  '[web] ; note',
  '[we b]',
  '[web:wrong]',
  '[1:3]',
  'h9:',
  '---',
  'w[01:3]',
  'w[1:',
  'w[a:3]',
  'w[c:a]',
  'w[1:3:0]',
  'w|x[1:2]',
  "'' a=1",
  'h9 a={{5}}',
  '=',
  'web web',
  '[ghost:vars]',
  '[ghost:children]',
  'h9 a={[]:1}',
  'h9 =5',
  'w[5:3]',
  'w[abc:xyz]',
  'w[3:-3:-1]',
  'user@h9:22',
  'h_:22',
  '\\',
  'a\u2028b',
];

function brokenLine(choices: Choices): string {
  return choices.isLucky(0.8) ? choices.one(BROKEN) : anyWords(choices);
}

const YAML_VALUES = [
  '1',
  '017',
  '0o17',
  '0x1F',
  '0b11',
  '1_000',
  '1:30',
  '1:30.5',
  '08',
  '1.5',
  '1.',
  '.5',
  '1e3',
  '1.0e+3',
  '1.0e3',
  'yes',
  'No',
  'on',
  'y',
  'true',
  'TRUE',
  '~',
  'null',
  '',
  'text',
  "'5'",
  '"5"',
  '2024-02-29',
  '2001-12-14 21:59:43.10 -5',
  '2001-12-14t21:59:43Z',
  "[1, yes, 'a']",
  '{a: 1, 2: b, yes: no, ~: x}',
  '!!str 5',
  "!!int '7'",
  '!!float 1',
  '-.inf',
  '+12',
  '-0',
  '12345678901234567890',
  '\n  - a\n  - b',
  '\n  a: 1\n  b: {c: d}',
  '|\n  two\n  lines',
  '>\n  folded\n  text',
  '"\\u00e9\\x41"',
  'a#b',
  '1 # note',
  "!unsafe '{{ x }}'",
  '!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162',
  '[&a {p: 1}, {<<: *a, q: 2}]',
  '{<<: [{a: 1}, {a: 2, b: 2}], b: 3}',
  '1_0.5',
  '0_7',
  '-1:30',
  '2024-13-01',
  '=',
  'a: b',
];

const SCALAR_PARTS = [
  ...'0123456789abefnxyzABEFINTY_.,:+-~#\'"[]{}!&*|>%@`=? \\/',
  '\u00e9',
  '0o',
  '0x',
  '0b',
  '1_0',
  ':30',
  'e+3',
  '.inf',
  '.NaN',
  'yes',
  'No',
  'ON',
  'true',
  'null',
  '2024-02-29',
  '2024-2-9 1:02:03',
  '12:30:45',
  '.5',
  ' # note',
  ': ',
  "'x'",
  '"y\\n"',
  '<<',
];

/** A file of variables: YAML, now and then JSON, with values that PyYAML types its own way. */
export function anyDocument(choices: Choices): string {
  if (choices.isLucky(0.08)) return JSON.stringify({ a: [1, 1.5, 1e21, null, true], b: { c: '\u00e9' } }, undefined, choices.below(3));
  const value = () => (choices.isLucky(0.5) ? choices.one(YAML_VALUES) : choices.many(1, 3, () => choices.one(SCALAR_PARTS)).join(''));
  const key = () =>
    choices.isLucky(0.8) ? choices.one(KEYS) : choices.one(['1', 'yes', '~', '1.5', "'q'", '? a', '<<', '=', '017', '[a]', '&k x']);
  const lines = choices.many(1, 3, () => `${key()}: ${value()}\n`);
  const text = choices.one(['', '', '---\n', '# note\n']) + lines.join('') + choices.one(['', '', '', '...\n', '---\nx: 1\n']);
  return choices.isLucky(0.2) ? text.replace(/\n$/u, '') : text;
}

/** Adds group_vars and host_vars beside the inventories of a folder. */
export function addVariableFiles(choices: Choices, files: Map<string, string>, folder: string, groups: readonly string[]): void {
  const yaml = () => choices.many(0, 3, () => `${choices.one(KEYS)}: ${choices.one(YAML_VALUES)}\n`).join('');
  const json = () =>
    JSON.stringify(
      Object.fromEntries(choices.many(0, 3, () => [choices.one(KEYS), choices.one<unknown>([1, 1.5, '017', true, null, [1], { a: 2 }])])),
    );
  const names = [
    ...choices.many(0, 2, () => `group_vars/${choices.one([...groups, 'all'])}`),
    ...choices.many(0, 2, () => `host_vars/${choices.one(['h1', 'h2', 'web1', 'x.example.org'])}`),
  ];
  for (const name of names) {
    const form = choices.below(5);
    const path = `${folder}/${name}`;
    if (form === 0) files.set(`${path}.json`, json());
    else if (form === 1) files.set(`${path}.yaml`, yaml());
    else if (form === 2 && !files.has(path)) addVariableFolder(files, path, yaml);
    else files.set(`${path}.yml`, yaml());
  }
}

function addVariableFolder(files: Map<string, string>, path: string, yaml: () => string): void {
  files.set(`${path}/20.yml`, yaml());
  files.set(`${path}/10`, yaml());
  files.set(`${path}/sub/5.yaml`, yaml());
  files.set(`${path}/odd.d/5.yaml`, 'broken: [');
  for (const name of ['.hidden.yml', 'old.yml~', 'x.txt']) files.set(`${path}/${name}`, 'broken: [');
}
