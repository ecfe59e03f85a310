import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeProgram } from './program.ts';

const program = await makeProgram();

const root = join(import.meta.dirname, '..', '..', '..');
const docs = join(root, 'docs');
const files = [join(root, 'README.md'), ...readdirSync(docs).flatMap((name) => (name.endsWith('.md') ? [join(docs, name)] : []))];
const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');

/** Every command that does something, as one types it. */
function commandLines(command: Command, words: readonly string[] = ['muster']): string[] {
  const children = command.commands.filter((child) => !('_hidden' in child && child['_hidden'] === true));
  return children.flatMap((child) => {
    const line = [...words, child.name()];
    return child.commands.length === 0 ? [line.join(' ')] : commandLines(child, line);
  });
}

/** Options of the program itself may stand between its name and the command. */
const isNamed = (line: string): boolean => new RegExp(`${line.replaceAll(' ', String.raw`(?: --\S+ \S+)? `)}(?![\\w-])`, 'u').test(text);

describe('every command', () => {
  it('is named in a guide', () => expect(commandLines(program).filter((line) => !isNamed(line))).toEqual([]));

  it('has a description', () => {
    const lacking: string[] = [];
    const look = (command: Command): void => {
      if (command.commands.length === 0 && command.description() === '') lacking.push(command.name());
      command.commands.forEach(look);
    };
    look(program);
    expect(lacking).toEqual([]);
  });
});
