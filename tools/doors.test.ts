import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doorsTable, rooms, roomsForTests, roomsNobodyImports, type Room } from './doors.ts';
import { root } from './lint/project.ts';

/** A file that breaks one rule, or none: what the real configuration must say of it. */
type Sample = {
  readonly name: string;
  readonly file: string;
  readonly code: string;
  readonly rule: string | undefined;
  readonly says?: RegExp;
};

const packaged = rooms.filter((room) => room.name !== 'tools');
const byName = (name: string): Room => rooms.find((room) => room.name === name)!;
const at = (room: Room, file: string): string => `${room.folder}/src/samples/${file}`;
const closed = (name: string, file: string, code: string, says?: RegExp, rule = 'muster(rooms)'): Sample => ({
  name,
  file,
  code: `${code}\n`,
  rule,
  ...(says && { says }),
});
const open = (name: string, file: string, code: string): Sample => ({ name, file, code: `${code}\n`, rule: undefined });

const pairs = packaged.flatMap((from) => packaged.filter((to) => to !== from).map((to) => ({ from, to })));

const forbidden = pairs
  .filter(({ from, to }) => !from.doors.some((door) => door.room === to.name))
  .flatMap(({ from, to }) => {
    const name = `${from.name} -> ${to.name}`;
    const says = roomsForTests.includes(to.name) ? /tests only/u : /no door from/u;
    return [
      closed(name, at(from, `imports-${to.name}.ts`), `import { x } from '@muster/${to.name}';\nexport { x };`, says),
      closed(`${name} for a type`, at(from, `types-${to.name}.ts`), `export type { X } from '@muster/${to.name}';`, says),
    ];
  });

const permitted = pairs.flatMap(({ from, to }) =>
  from.doors
    .filter((door) => door.room === to.name)
    .flatMap((door) => {
      const name = `${from.name} -> ${to.name}`;
      const specifier = ['@muster', to.name, door.entry].filter(Boolean).join('/');
      const value = `import { x } from '${specifier}';\nexport const y = x;`;
      const type = `import type { X } from '${specifier}';\nexport type Y = X;`;
      const files = (door.onlyIn ?? door.valuesIn)?.map((file) => `${from.folder}/${file}${file.endsWith('/') ? 'sample.ts' : ''}`) ?? [
        at(from, `may-import-${to.name}.ts`),
      ];
      const opened = files.map((file) => open(name, file, door.typesOnly === true && !door.valuesIn ? type : value));
      const elsewhere = at(from, `elsewhere-${to.name}.ts`);
      return [
        ...opened,
        ...(door.onlyIn ? [closed(`${name} from another file`, elsewhere, value, /open only in/u)] : []),
        ...(door.typesOnly ? [closed(`${name} for a value`, elsewhere, value, /is for types/u)] : []),
        ...(door.entry === undefined
          ? []
          : [closed(`${name} by another entry`, elsewhere, `export { x } from '@muster/${to.name}';`, /leads only to/u)]),
      ];
    }),
);

const core = byName('core');
const gateway = byName('gateway');
const ways: Readonly<Record<string, string>> = {
  'a re-export': "export * from '@muster/store';",
  'a side effect': "import '@muster/store';",
  'an inline type': "import { type Store } from '@muster/store';\nexport type S = Store;",
  'a type of import()': "export type S = import('@muster/store').Store;",
  'import()': "export const store = import('@muster/store');",
  'import() of a template': 'export const store = import(`@muster/store`);',
  'import() of a computed name': "const name = '@muster/' + 'store';\nexport const store = import(name);",
  'require()': "export const store = require('@muster/store');",
  'import.meta.resolve()': "export const store = import.meta.resolve('@muster/store');",
  'a path out of the room': "export { x } from '../../../store/src/index.ts';",
  'a path to the tools': "export { rooms } from '../../../../tools/doors.ts';",
  'a file URL': "export { x } from 'file:///packages/store/src/index.ts';",
  'a deep path': "export { x } from '@muster/api/src/node/node.ts';",
  'its own package name': "export { x } from '@muster/core';",
  'an unknown room': "export { x } from '@muster/attic';",
};

const roundabout = [
  ...Object.entries(ways).map(([way, code], index) => closed(`core -> store by ${way}`, at(core, `way-${index}.ts`), code)),
  closed('a source that imports a test', at(core, 'imports-test.ts'), "export { x } from './some.test.ts';", /is a test/u),
  closed('an undeclared package', at(core, 'imports-pg.ts'), "import pg from 'pg';\nexport const x = pg;", /not among the dependencies/u),
  closed(
    'a package of the root in a source',
    at(gateway, 'imports-vitest.ts'),
    "import { it } from 'vitest';\nexport const x = it;",
    /not among/u,
  ),
  open(
    'a test that imports the testkit',
    at(gateway, 'some.test.ts'),
    "import { x } from '@muster/testkit';\nimport { it } from 'vitest';\nit(x);",
  ),
  ...roomsNobodyImports
    .filter((name) => name !== 'tools')
    .map((name) =>
      closed(`a test that imports ${name}`, at(gateway, `${name}.test.ts`), `export { x } from '@muster/${name}';`, /Nobody imports/u),
    ),
];

const builtins = packaged
  .filter((room) => !room.nodeBuiltins)
  .flatMap((room) =>
    ['node:fs', 'node:os', 'os', 'fs', 'fs/promises', 'timers'].map((builtin, index) =>
      closed(
        `${room.name} -> ${builtin}`,
        at(room, `builtin-${index}.ts`),
        `import x from '${builtin}';\nexport const y = x;`,
        /no module of Node\.js/u,
      ),
    ),
  );

const impure = [
  'Date.now()',
  'new Date()',
  'performance.now()',
  'setTimeout(f, 1)',
  'setInterval(f, 1)',
  'queueMicrotask(f)',
  "fetch('http://localhost')",
  'Math.random()',
  'crypto.randomUUID()',
  'process.env',
  'globalThis.setTimeout',
  'globalThis.Date',
  "console.log('x')",
].map((expression, index) => {
  const code = `const f = () => undefined;\nexport const x = [f, ${expression}];`;
  return closed(`core uses ${expression}`, at(core, `impure-${index}.ts`), code, /no place in a pure room/u, 'muster(pure-core)');
});

const rest = [
  closed(
    'a cycle',
    at(core, 'egg.ts'),
    "import { hen } from './hen.ts';\nexport const egg = (): unknown => hen;",
    undefined,
    'import(no-cycle)',
  ),
  closed(
    'a cycle, other half',
    at(core, 'hen.ts'),
    "import { egg } from './egg.ts';\nexport const hen = (): unknown => egg;",
    undefined,
    'import(no-cycle)',
  ),
  closed(
    'a shell string',
    at(gateway, 'shell.ts'),
    "import { spawn } from 'node:child_process';\nexport const list = (name: string) => spawn('sh', ['-c', `ls ${name}`]);",
    /built from a value/u,
    'muster(no-shell-string)',
  ),
];

const samples = [...forbidden, ...permitted, ...roundabout, ...builtins, ...impure, ...rest];
const copied = ['.oxlintrc.json', 'package.json', 'tools/doors.ts', 'tools/lint', ...packaged.map((room) => `${room.folder}/package.json`)];
let copy = '';
let said: ReadonlyMap<string, readonly string[]> = new Map();

/** The samples lie in a copy of the checkout, so that a check of the real one at the same moment does not see them. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'muster-doors-'));
  for (const path of copied) cpSync(join(root, path), join(copy, path), { recursive: true });
  for (const room of packaged) declareAllRooms(join(copy, room.folder, 'package.json'));
  // What the types say is no door's business, and costs a build of the whole program.
  const config = JSON.parse(readFileSync(join(copy, '.oxlintrc.json'), 'utf8'));
  writeFileSync(join(copy, '.oxlintrc.json'), JSON.stringify({ ...config, options: { ...config.options, typeAware: false } }));
  for (const { file, code } of samples) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), code);
  }
  said = lint(copy);
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A door must close by the table, not because the package.json happens to lack a line. */
function declareAllRooms(file: string): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const dependencies = Object.fromEntries(packaged.map((room) => [`@muster/${room.name}`, '*']));
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...dependencies } }));
}

function lint(folder: string): ReadonlyMap<string, readonly string[]> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '-f', 'json', 'packages', 'testkit', 'lab', 'bench'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe('');
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code?: string; message: string }[] };
  const files = Map.groupBy(diagnostics, (diagnostic) => diagnostic.filename);
  return new Map([...files].map(([file, list]) => [file, list.map(({ code, message }) => `${code ?? ''} ${message}`)]));
}

const aboutDoors = (file: string): readonly string[] =>
  (said.get(file) ?? []).filter((line) => line.startsWith('muster(') || line.startsWith('import(no-cycle)') || !line.includes('('));

describe('the doors', () => {
  it.each(samples.filter((sample) => sample.rule !== undefined))('close on: $name', ({ file, rule, says }) => {
    const lines = aboutDoors(file).filter((line) => line.startsWith(rule!));
    expect(lines).not.toEqual([]);
    if (says) expect(lines.join('\n')).toMatch(says);
  });

  it.each(samples.filter((sample) => sample.rule === undefined))('are open for: $name', ({ file }) => {
    expect(aboutDoors(file)).toEqual([]);
  });

  it('are tried for every pair of rooms', () => {
    expect(forbidden.length / 2 + new Set(permitted.filter((one) => !one.rule).map((one) => one.name)).size).toBe(pairs.length);
  });

  it('stand in the table with every room there is, and no other', () => {
    const folders = ['packages', '.'].flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => (parent === '.' ? name : `${parent}/${name}`)),
    );
    const withManifest = folders.filter((folder) => existsSync(join(root, folder, 'package.json')) && folder !== 'node_modules');
    expect(withManifest.toSorted()).toEqual(packaged.map((room) => room.folder).toSorted());
    expect(doorsTable().split('\n')).toHaveLength(packaged.length + 2);
  });

  it('cannot be passed by an unknown file type: every source is TypeScript', () => {
    const hidden = ['node_modules', 'dist'].flatMap((name) => ['-name', name, '-prune', '-o']);
    const files = execFileSync('find', ['packages', 'testkit', 'lab', ...hidden, '-name', '*.[cm]?js', '-print'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(files).toBe('');
  });
});
