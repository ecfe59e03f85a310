import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doorsTable, rooms, roomsNobodyImports, scope, type Room } from '../doors.ts';
import { manifestOf, root } from '../lint/project.ts';

const architecture = join(root, 'ARCHITECTURE.md');
const [begin, end] = ['<!-- doors: written by `npm run fix` from tools/doors.ts -->', '<!-- end of doors -->'];

/** What the packages and ARCHITECTURE.md say otherwise than the table of doors. */
export function checkDoors(): string[] {
  const table = readTable();
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  return [
    ...folders
      .filter((folder) => !rooms.some((room) => room.folder === folder))
      .map((folder) => `${folder}: a room without a row in tools/doors.ts.`),
    ...rooms.flatMap(undoored),
    ...(table === undefined || unpadded(table) === unpadded(doorsTable())
      ? []
      : ['ARCHITECTURE.md: its table is not that of tools/doors.ts. Run npm run fix.']),
  ];
}

/** Writes the table into ARCHITECTURE.md, between its two marks. @throws when the file has no such marks */
export function writeDoorsTable(): void {
  const text = readFileSync(architecture, 'utf8');
  writeFileSync(architecture, `${before(text)}${begin}\n\n${doorsTable()}\n\n${end}${text.split(end)[1] ?? ''}`);
}

/** Dependencies of a package on rooms that its row does not name. */
function undoored(room: Room): string[] {
  const { dependencies = {}, devDependencies = {} } = manifestOf(room.folder);
  const named = (list: Readonly<Record<string, string>>): string[] =>
    Object.keys(list)
      .filter((name) => name.startsWith(scope))
      .map((name) => name.slice(scope.length));
  const opened = room.doors.map((door) => door.room);
  const wrong = [
    ...named(dependencies).filter((name) => !opened.includes(name)),
    ...named(devDependencies).filter((name) => roomsNobodyImports.includes(name)),
  ];
  return wrong.map((name) => `${room.folder}/package.json: depends on '${name}', to which '${room.name}' has no door.`);
}

/** Without the spaces with which the formatter lines the columns up. */
const unpadded = (table: string): string => table.replaceAll(/ +/gu, ' ').replaceAll(/-+/gu, '-');

function readTable(): string | undefined {
  if (!existsSync(architecture)) return undefined;
  const text = readFileSync(architecture, 'utf8');
  return text
    .slice(before(text).length + begin.length)
    .split(end)[0]
    ?.trim();
}

function before(text: string): string {
  const index = text.indexOf(begin);
  if (index === -1 || !text.includes(end))
    throw new Error(`ARCHITECTURE.md needs the lines "${begin}" and "${end}" around its table of doors.`);
  return text.slice(0, index);
}
