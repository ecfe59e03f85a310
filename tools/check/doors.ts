import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doorsTable, rooms, roomsNobodyImports, scope, type Room } from '../doors.ts';
import { manifestOf, root } from '../lint/project.ts';

const architecture = join(root, 'ARCHITECTURE.md');
const [begin, end] = ['<!-- doors: written by `npm run fix` from tools/doors.ts -->', '<!-- end of doors -->'];

/** What the packages and ARCHITECTURE.md say otherwise than the table of doors. */
export function checkDoors(): string[] {
  const table = existsSync(architecture) ? tableIn(readFileSync(architecture, 'utf8')) : undefined;
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  return [
    ...folders
      .filter((folder) => !rooms.some((room) => room.folder === folder))
      .map((folder) => `${folder}: a room without a row in tools/doors.ts.`),
    ...rooms.flatMap(undoored),
    ...(table === undefined || sameTable(table, doorsTable())
      ? []
      : ['ARCHITECTURE.md: its table is not that of tools/doors.ts. Run npm run fix.']),
  ];
}

/** Writes the table into ARCHITECTURE.md, between its two marks. @throws when the file has no such marks */
export function writeDoorsTable(): void {
  writeFileSync(architecture, withTable(readFileSync(architecture, 'utf8'), doorsTable()));
}

/** The text with another table between its marks. @throws when it has no marks */
export function withTable(text: string, table: string): string {
  const { before, after } = around(text);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

/** The table between the marks of a text. @throws when it has no marks */
export const tableIn = (text: string): string => around(text).table.trim();

/** Whether two tables say the same, however the formatter lined up their columns. */
export const sameTable = (one: string, other: string): boolean => unpadded(one) === unpadded(other);

const unpadded = (table: string): string => table.replaceAll(/ +/gu, ' ').replaceAll(/-+/gu, '-');

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

function around(text: string): { before: string; table: string; after: string } {
  const [before = '', rest] = text.split(begin);
  const [table = '', after] = rest?.split(end) ?? [];
  if (after === undefined) throw new Error(`ARCHITECTURE.md needs the lines "${begin}" and "${end}" around its table of doors.`);
  return { before, table, after };
}
