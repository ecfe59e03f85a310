import { type Choices, HOSTS, KEYS } from './inventory-generator.ts';

/** A group of a generated inventory in YAML, JSON or the answer of a program. */
interface Group {
  readonly name: string;
  readonly variables: readonly (readonly [string, string])[];
  readonly hosts: readonly (readonly [string, readonly (readonly [string, string])[]])[];
  readonly children: readonly Group[];
}

/** Values on one line, which YAML types in its own way. */
const VALUES = [
  ...['1', '017', '0x1F', '1_000', '1:30', '1.5', '1e3', 'yes', 'No', 'on', 'true', '~', 'null', '', 'text', "'5'", '"5"'],
  ...['2024-02-29', "[1, yes, 'a']", '{a: 1, b: [c]}', '!!str 5', '-.inf', '12345678901234567890', '"\\u00e9\\x41"', 'a#b', '1 # note'],
  ...["!unsafe '{{ x }}'", 'user@host', '/tmp/x', "'it''s'", '{}', '[]', '0', 'a=b', '08', '=', '1.0'],
];

const ODD_HOSTS = [
  '"h9:"',
  '"web[1:x]"',
  'w[01:3]',
  '1',
  '1.5',
  'yes',
  '""',
  'zoo',
  '"[2001:db8::1]:22"',
  'h5:0',
  'w[5:3]',
  '"---"',
  '2024-01-01',
  '~',
];

const BROKEN = [
  '    - h1',
  '  hosts: [h1, h2]',
  '  hosts: 5',
  '  host:\n    h8:',
  '  children: web',
  '  vars: [1]',
  '  note: text',
  '  note:',
  '  hosts:\n    h1: text',
  '  hosts:\n    h1: ["x"]',
  '  hosts:\n    h7:\n    h7:',
  '  hosts: h8',
  '  vars: flag',
  '  hosts: ""',
  '  children:\n    5:',
  '  vars:\n    ansible_group_priority: x',
  '  vars:\n    ansible_group_priority: "7"',
  '  vars:\n    5: five',
  '  hosts:\n    h7: {<<: {b: 1}, a: 2}',
  '  children:\n    c9: text',
  '  hosts:\n\t    h7:',
  '  hosts: {h7, h8}',
  '  1:',
  '  hosts: !!str h8',
  '  hosts:\n    ? [a]\n    : {}',
];

/** An inventory in YAML; most are valid. */
export function anyYamlInventory(choices: Choices, groups: readonly string[]): string {
  const lines = anyTree(choices, groups).flatMap((group) => yamlLines(choices, group, ''));
  const noise = choices.many(0, 1, () => choices.one(['---', '# note', '']));
  const extra = choices.isLucky(0.15) ? [`${choices.one(['broken', 'web', 'all'])}:`, choices.one(BROKEN)] : [];
  return [...noise, ...lines, ...extra].join('\n') + choices.one(['\n', '', '\n...\n']);
}

/** The same in JSON. */
export function anyJsonInventory(choices: Choices, groups: readonly string[]): string {
  const value = () => choices.one<unknown>([1, 1.5, '017', true, null, [1, 'x'], { a: 2 }, 1e21, 'é']);
  const variables = (names: Group['variables']) => Object.fromEntries(names.map(([name]) => [name, value()]));
  const record = ({ variables: own, hosts, children }: Group): object => ({
    ...(own.length > 0 ? { vars: variables(own) } : {}),
    ...(hosts.length > 0
      ? { hosts: Object.fromEntries(hosts.map(([host, names]) => [unquoted(host), names.length > 0 ? variables(names) : null])) }
      : {}),
    ...(children.length > 0 ? { children: Object.fromEntries(children.map((child) => [child.name, record(child)])) } : {}),
  });
  const tree = anyTree(choices, groups).map((group) => [
    group.name,
    choices.isLucky(0.95) ? record(group) : choices.one<unknown>([null, [], 'h1']),
  ]);
  return JSON.stringify(Object.fromEntries(tree), undefined, choices.below(3));
}

/** What a program answers to `--list`, with `_meta`. */
export function anyProgramAnswer(choices: Choices, groups: readonly string[]): string {
  const value = () => choices.one<unknown>([1, 1.5, '017', true, null, [1, 'x'], { a: 2 }]);
  const variables = () => Object.fromEntries(choices.many(0, 3, () => [choices.one(KEYS), value()]));
  const hosts = () =>
    choices.many(0, 3, () => choices.one(choices.isLucky(0.98) ? ['h1', 'h2', 'h3', 'web1', 'w[1:2]', '10.0.0.1'] : ['', 'zoo']));
  const broken = () => choices.one<unknown>(['h1', { hosts: 'h1' }, { vars: [] }, { children: null }, { hosts: [1] }, null, 5]);
  const whole = (name: string) => ({
    hosts: hosts(),
    vars: variables(),
    // Only from further down the list, so that there are no loops.
    children: groups.slice(groups.indexOf(name) + 1).filter(() => choices.isLucky(0.3)),
  });
  const group = (name: string): unknown =>
    choices.one<() => unknown>([() => whole(name), () => whole(name), hosts, () => ({ vars: variables() }), () => variables()])();
  const entries = groups.map((name) => [name, choices.isLucky(0.97) ? group(name) : broken()] as const);
  const hostvars = Object.fromEntries(['h1', 'h2', 'ghost', 'web1'].map((host) => [host, variables()]));
  const meta = choices.isLucky(0.97) ? { hostvars } : choices.one<unknown>([{ hostvars: [] }, { hostvars: { h1: 5 } }, 5]);
  return JSON.stringify(Object.fromEntries([...entries, ['_meta', meta]]));
}

function anyTree(choices: Choices, groups: readonly string[]): Group[] {
  const tops = choices.many(1, 3, () => choices.one(choices.isLucky(0.4) ? ['all'] : groups));
  return [...new Set(tops)].map((name) => anyGroup(choices, name, groups, 0));
}

function anyGroup(choices: Choices, name: string, groups: readonly string[], depth: number): Group {
  const variables = () => {
    const pairs = choices.many(0, 3, () => [choices.one(KEYS), choices.one(VALUES)] as const);
    return [...new Map(pairs)];
  };
  const hosts = choices.many(0, 3, () => [choices.one(choices.isLucky(0.98) ? HOSTS : ODD_HOSTS), variables()] as const);
  const below = name === 'all' ? groups : groups.slice(groups.indexOf(name) + 1);
  const children = depth > 2 || below.length === 0 ? [] : choices.many(0, 2, () => choices.one(below));
  return {
    name,
    variables: choices.isLucky(0.5) ? variables() : [],
    hosts: [...new Map(hosts)],
    children: [...new Set(children)].map((child) => anyGroup(choices, child, groups, depth + 1)),
  };
}

function yamlLines(choices: Choices, group: Group, indent: string): string[] {
  const inner = `${indent}    `;
  const assignments = (pairs: Group['variables'], at: string) => pairs.map(([key, value]) => `${at}${key}: ${value}`);
  const parts = [
    () => (group.variables.length > 0 ? [`${indent}  vars:`, ...assignments(group.variables, inner)] : []),
    () => {
      const lines = group.hosts.flatMap(([host, variables]) => [`${inner}${host}:`, ...assignments(variables, `${inner}  `)]);
      return lines.length > 0 ? [`${indent}  hosts:`, ...lines] : [];
    },
    () => {
      const lines = group.children.flatMap((child) => yamlLines(choices, child, inner));
      return lines.length > 0 ? [`${indent}  children:`, ...lines] : [];
    },
  ];
  const order = choices.isLucky(0.5) ? parts : parts.toReversed();
  return [`${indent}${choices.one([group.name, group.name, `"${group.name}"`])}:`, ...order.flatMap((part) => part())];
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}
