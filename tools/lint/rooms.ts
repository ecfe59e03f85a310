import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { isTestPath, roomNamed, roomOfPath, roomsForTests, roomsNobodyImports, scope, type Door, type Room } from '../doors.ts';
import { visitModuleReferences, type ModuleReference } from './module-references.ts';
import { manifestOf, pathFromRoot } from './project.ts';
import type { Rule } from './rule.ts';

/** Where the judged import stands. */
type Place = { readonly path: string; readonly room: Room | undefined; readonly isTest: boolean };

/** A file imports only through the doors of its room (tools/doors.ts), and only what its package.json declares. */
export const roomsRule: Rule = {
  meta: { type: 'problem' },
  create(context) {
    const path = pathFromRoot(context.filename);
    const place: Place = { path, room: roomOfPath(path), isTest: isTestPath(path) };
    return visitModuleReferences((reference) => {
      const objection = judge(place, reference);
      if (objection !== undefined) context.report({ node: reference.node, message: objection });
    });
  },
};

function judge(place: Place, { specifier, kind }: ModuleReference): string | undefined {
  if (specifier === undefined) {
    return kind === 'resolve' ? undefined : 'A module name computed at run time passes every door unseen: write the name out.';
  }
  if (specifier.startsWith('.')) return judgeRelative(place, specifier);
  if (/^(?:\/|#|data:|file:|https?:)/u.test(specifier))
    return `'${specifier}' goes round the doors: import by package name or relative path.`;
  if (isBuiltin(specifier)) return judgeBuiltin(place, specifier);
  return (specifier.startsWith(scope) ? judgeRoom(place, specifier, kind) : undefined) ?? judgeDeclared(place, specifier, kind);
}

function judgeRelative({ path, room, isTest }: Place, specifier: string): string | undefined {
  const target = relativeTarget(path, specifier);
  const reached = roomOfPath(target);
  if (room !== undefined && reached?.name !== room.name) {
    return `'${specifier}' leaves the room '${room.name}': another room is imported as '${scope}<room>'.`;
  }
  if (room === undefined && reached !== undefined && reached.name !== 'tools') {
    return `'${specifier}' reaches into the room '${reached.name}': import it as '${scope}${reached.name}'.`;
  }
  return !isTest && isTestPath(target) ? `'${specifier}' is a test: no source imports one.` : undefined;
}

const relativeTarget = (path: string, specifier: string): string => resolve('/', dirname(path), specifier.replace(/[?#].*$/u, '')).slice(1);

const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier) || builtinModules.includes(specifier.split('/')[0] ?? '');

function judgeBuiltin({ room, isTest }: Place, specifier: string): string | undefined {
  if (room !== undefined && !room.nodeBuiltins && !isTest) return `The room '${room.name}' uses no module of Node.js ('${specifier}').`;
  return specifier.startsWith('node:') ? undefined : `Write 'node:${specifier}'.`;
}

function judgeRoom(place: Place, specifier: string, kind: ModuleReference['kind']): string | undefined {
  const [name = '', ...rest] = specifier.slice(scope.length).split('/');
  const target = roomNamed(name);
  if (target === undefined) return `There is no room '${name}' in tools/doors.ts.`;
  if (name === place.room?.name) return `'${specifier}' is this room itself: import by relative path.`;
  // The closed door is said first: which entry it was knocked at matters only where there is a door.
  const closed = place.isTest ? judgeRoomInTest(place, name) : judgeDoor(place, name, rest.join('/'), kind);
  if (closed !== undefined) return closed;
  const entry = rest.length === 0 ? '.' : `./${rest.join('/')}`;
  if (entry.startsWith('./src') || manifestOf(target.folder).exports?.[entry] === undefined) {
    return `'${specifier}' is no entry of the room '${name}': a room is imported only through the entries its package.json exports.`;
  }
  return undefined;
}

function judgeRoomInTest({ room }: Place, name: string): string | undefined {
  const opened = room?.doors.some((door) => door.room === name) ?? false;
  return roomsNobodyImports.includes(name) && !opened ? `Nobody imports '${name}', tests included: start it as a process.` : undefined;
}

function judgeDoor(place: Place, name: string, entry: string, kind: ModuleReference['kind']): string | undefined {
  const from = place.room?.name ?? 'the root';
  if (roomsForTests.includes(name)) return `'${name}' is imported by tests only.`;
  const doors = place.room?.doors.filter((door) => door.room === name) ?? [];
  if (doors.length === 0) return `There is no door from '${from}' to '${name}' (tools/doors.ts).`;
  const objections = doors.map((door) => judgeThrough(door, place, entry, kind));
  return objections.includes(undefined) ? undefined : objections[0];
}

/** What a door that exists still asks for. */
function judgeThrough(door: Door, place: Place, entry: string, kind: ModuleReference['kind']): string | undefined {
  const name = `The door from '${place.room?.name}' to '${door.room}'`;
  if (door.entry !== undefined && door.entry !== entry) return `${name} leads only to '${scope}${door.room}/${door.entry}'.`;
  if (door.onlyIn !== undefined && !isListed(place, door.onlyIn)) return `${name} is open only in ${door.onlyIn.join(', ')}.`;
  return door.typesOnly === true && kind !== 'type' ? judgeValue(door, place, name) : undefined;
}

function judgeValue({ valuesIn = [] }: Door, place: Place, name: string): string | undefined {
  if (isListed(place, valuesIn)) return undefined;
  const where = valuesIn.length === 0 ? '' : ` outside ${valuesIn.join(', ')}`;
  return `${name} is for types${where}: use 'import type'.`;
}

/** Whether the importing file is one of these, or lies in one of these folders, given from its room's folder. */
const isListed = ({ path, room }: Place, files: readonly string[]): boolean =>
  files.map((file) => `${room?.folder}/${file}`).some((file) => path === file || (file.endsWith('/') && path.startsWith(file)));

function judgeDeclared(place: Place, specifier: string, kind: ModuleReference['kind']): string | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const folder = place.room === undefined || place.room.name === 'tools' ? '.' : place.room.folder;
  const shipped = isShipped(place, kind);
  if (declares(folder, name, shipped) || (!shipped && declares('.', name, false))) return undefined;
  return `'${name}' is not among the ${shipped ? 'dependencies' : 'dependencies or devDependencies'} of ${join(folder, 'package.json')}.`;
}

/** Whether the import is still there on a machine that runs Muster: not so in tests, build files, tools, and for types. */
const isShipped = ({ path, room, isTest }: Place, kind: ModuleReference['kind']): boolean =>
  path.includes('/src/') && !isTest && kind !== 'type' && !notShipped.has(room?.name ?? '');
const notShipped = new Set(['tools', 'lab', ...roomsForTests]);

function declares(folder: string, name: string, shipped: boolean): boolean {
  const { dependencies, optionalDependencies, peerDependencies, devDependencies } = manifestOf(folder);
  const lists = [dependencies, optionalDependencies, peerDependencies, shipped ? undefined : devDependencies];
  return lists.some((list) => list !== undefined && name in list);
}
