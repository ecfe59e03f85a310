import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isTestPath, rooms } from '../doors.ts';
import { manifestOf, root } from '../lint/project.ts';
import { readSourceFiles, type SourceFile } from './source-files.ts';
import type { StepResult } from './step.ts';

const maxFileLines = 400;
const vagueNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'misc']);
// The brackets keep this line from being its own finding.
const silencers = /(?:ox|es)lint[-]disable|@ts[-](?:ignore|nocheck|expect-error)|oxfmt[-]ignore|(?:v8|c8)[ ]ignore/u;

/** The rules of the house that no linter has: lengths of files, names, silenced checks, a page for every room. */
export function checkHouse(): StepResult {
  const files = readSourceFiles();
  const problems = [...files.flatMap(problemsOf), ...roomsWithoutPage(), ...looseVersions()];
  return { name: 'house', problems, note: figures(files) };
}

/** What is wrong with one file by its path, length and text. */
export function problemsOf({ path, text, lineCount }: SourceFile): string[] {
  const problems: string[] = [];
  if (lineCount > maxFileLines && !saysWhyLong(text)) {
    problems.push(`${path}: ${lineCount} lines. Split it, or begin it with a comment that says "This file is long because ...".`);
  }
  const vague = path
    .split(/[/.]/u)
    .flatMap((part) => part.split('-'))
    .find((word) => vagueNames.has(word));
  if (vague !== undefined) problems.push(`${path}: '${vague}' says nothing: name the file after what it exports.`);
  const line = text.split('\n').findIndex((one) => silencers.test(one));
  if (line !== -1) problems.push(`${path}:${line + 1}: a silenced check. Mend what it finds, or change the rule for everyone.`);
  return problems;
}

const saysWhyLong = (text: string): boolean =>
  /^(?:#!.*\n)?\s*(?:\/\*[^]*?\*\/|(?:(?:\/\/|--|#).*\n)+)/u.exec(text)?.[0].includes('long because') ?? false;

const roomsWithoutPage = (): string[] =>
  rooms.filter((room) => !existsSync(join(root, room.folder, 'README.md'))).map((room) => `${room.folder}: no README.md.`);

/** Dependencies that are not one exact version: two installs of the same commit could differ. */
function looseVersions(): string[] {
  return ['.', ...rooms.map((room) => room.folder)].flatMap((folder) => {
    const { dependencies, devDependencies, optionalDependencies } = manifestOf(folder);
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
      ([, version]) => !/^\d/u.test(version),
    );
    return loose.map(([name, version]) => `${join(folder, 'package.json')}: ${name} is '${version}', not one exact version.`);
  });
}

function figures(files: readonly SourceFile[]): string {
  const lengths = files
    .filter(({ path }) => /\.tsx?$/u.test(path) && !isTestPath(path))
    .map((file) => file.lineCount)
    .toSorted((a, b) => a - b);
  const at = (share: number): number => lengths[Math.floor((lengths.length - 1) * share)] ?? 0;
  return `${lengths.length} source files, median ${at(0.5)} lines, 9 in 10 up to ${at(0.9)}; tests to code: ${ratios(files).join(', ')}`;
}

/** Lines of tests to one line of code, for the rooms that decide and keep. */
function ratios(files: readonly SourceFile[]): string[] {
  return ['core', 'store', 'provision', 'controllers'].map((name) => {
    const own = files.filter(({ path }) => path.startsWith(`packages/${name}/`) && /\.tsx?$/u.test(path));
    const lines = (isTest: boolean): number =>
      own.filter((file) => isTestPath(file.path) === isTest).reduce((sum, file) => sum + file.lineCount, 0);
    return `${name} ${(lines(true) / Math.max(1, lines(false))).toFixed(1)}`;
  });
}
