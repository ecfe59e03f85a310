/**
 * The doors: which room may import which. Written here once; the lint rule `muster/rooms` reads it, `npm run check` compares
 * it with the packages and with the table in ARCHITECTURE.md, and tools/doors.test.ts proves that each door closes.
 */

/** One thing a room may import. */
export type Door = {
  readonly room: string;
  /** Only this entry of the package (`@muster/<room>/<entry>`); without it every public entry. */
  readonly entry?: string;
  /** Only `import type`: nothing of the other room is loaded. */
  readonly typesOnly?: true;
  /** Only these files of the importing room, as paths from its folder; a path that ends with a slash is a folder. */
  readonly onlyIn?: readonly string[];
  /** These files of the importing room may also load values where `typesOnly` stands. */
  readonly valuesIn?: readonly string[];
};

/** A room: a workspace, or the root's own `tools`. */
export type Room = {
  readonly name: string;
  /** From the root of the repository, `/` between parts. */
  readonly folder: string;
  readonly doors: readonly Door[];
  /** False where the code also runs in a browser or has to stay pure: no module of Node.js. */
  readonly nodeBuiltins: boolean;
  /** No clock, no timer, no random number, no I/O (rule `muster/pure-core`). */
  readonly pure?: true;
  /** What the table says of the room beyond its doors. */
  readonly note?: string;
};

const all = (...names: readonly string[]): Door[] => names.map((room) => ({ room }));
const room = (name: string, doors: readonly Door[], rest: Partial<Room> = {}): Room => ({
  name,
  folder: `packages/${name}`,
  nodeBuiltins: true,
  doors,
  ...rest,
});

/** Constructed in one readable list, so only there are they more than types. */
const constructed = { typesOnly: true, valuesIn: ['src/main.ts', 'src/main/'] } as const;

/** Every room with its doors. A folder under packages/ without a row here fails the check. */
export const rooms: readonly Room[] = [
  room('api', [], { nodeBuiltins: false, note: 'zod' }),
  room('core', [{ room: 'api', typesOnly: true }], {
    nodeBuiltins: false,
    pure: true,
    note: 'no module of Node.js, no clock, no timers, no fetch, no random',
  }),
  room('trust', all('api')),
  room('ssh', all('api')),
  room('backup', [], { note: 'zod' }),
  room('store', all('api', 'core', 'backup')),
  room('queues', all('core'), { note: 'zod' }),
  room('provision', all('api', 'core', 'trust', 'ssh')),
  room('gateway', all('api', 'core', 'trust', 'store')),
  room('controllers', all('api', 'core', 'store'), { note: "everything else through core's ports" }),
  room('server', [
    ...all('api', 'core', 'backup', 'store', 'trust', 'ssh', 'provision'),
    { room: 'gateway', ...constructed },
    { room: 'controllers', ...constructed },
  ]),
  room('agent', [
    { room: 'api', entry: 'agent' },
    { room: 'trust', entry: 'key' },
    { room: 'trust', entry: 'pkcs12' },
  ]),
  room('cli', [...all('api', 'core', 'backup', 'provision', 'ssh'), { room: 'server', onlyIn: ['src/commands/server/'] }]),
  room('panel', all('api', 'core'), { nodeBuiltins: false }),
  room('testkit', all('api', 'core', 'store', 'trust', 'ssh'), { folder: 'testkit', note: 'imported by tests only' }),
  room('lab', all('api'), { folder: 'lab' }),
  room('bench', all('core', 'lab'), { folder: 'bench' }),
  room('tools', [], { folder: 'tools' }),
];

/** Nobody imports these, tests included; the exceptions are the rows of `cli` and `bench`. */
export const roomsNobodyImports: readonly string[] = ['server', 'agent', 'cli', 'panel', 'lab', 'bench', 'tools'];

/** Only tests import these. */
export const roomsForTests: readonly string[] = ['testkit'];

/** The scope under which rooms import each other. */
export const scope = '@muster/';

/** The room's row, or undefined for a name that is none. */
export const roomNamed = (name: string): Room | undefined => rooms.find((one) => one.name === name);

/** The room that holds a file, by its path from the root; undefined for the root's own files. */
export const roomOfPath = (path: string): Room | undefined => rooms.find((one) => path.startsWith(`${one.folder}/`));

/** Whether a file is a test or serves tests, by its path from the root: it may import more, and no source may import it. */
export const isTestPath = (path: string): boolean => /\.test\.tsx?$/u.test(path) || /(?:^|\/)(?:test|fake)\//u.test(path);

/** The table as Markdown, for ARCHITECTURE.md. */
export function doorsTable(): string {
  const rows = rooms.filter((one) => one.name !== 'tools').map((one) => `| ${one.name} | ${describeDoors(one)} |`);
  return ['| room | may import |', '| --- | --- |', ...rows].join('\n');
}

function describeDoors(one: Room): string {
  const doors = one.doors.map(describeDoor).join(', ') || 'nothing';
  return one.note === undefined ? doors : `${doors}; ${one.note}`;
}

function describeDoor(door: Door): string {
  const name = door.entry === undefined ? door.room : `${door.room}/${door.entry}`;
  const types = door.typesOnly === true ? ' (types only)' : '';
  const values = door.valuesIn === undefined ? types : ` (types; constructed only in ${door.valuesIn.join(', ')})`;
  return name + (door.onlyIn === undefined ? values : ` (only in ${door.onlyIn.join(', ')})`);
}
