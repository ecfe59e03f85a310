import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFiles, failureOf } from '../../test/inventory-fixtures.ts';
import { readInventory } from './read-inventory.ts';

const ROOT = join(import.meta.dirname, 'cases');

function textOfCase(name: string, file: string): string {
  return readFileSync(join(ROOT, name, file), 'utf8');
}

describe('what ansible-inventory printed', () => {
  const names = readdirSync(ROOT);
  const sourceOf = (name: string) => (existsSync(join(ROOT, name, 'inv.toml')) ? 'inv.toml' : 'hosts');
  const read = (name: string) => readInventory([sourceOf(name)], diskFiles(join(ROOT, name)));
  const isRejected = (name: string) => existsSync(join(ROOT, name, 'expected-error.json'));

  it('has all its cases', () => {
    expect(names).toHaveLength(24);
  });

  for (const name of names.filter((candidate) => !isRejected(candidate))) {
    it(`${name}: ${textOfCase(name, 'why.txt').trim()}`, () => {
      const expected: unknown = JSON.parse(textOfCase(name, 'expected.json'));
      expect(JSON.parse(read(name).toAnsibleJson())).toEqual(expected);
    });
  }

  for (const name of names.filter(isRejected)) {
    it(`${name}: ${textOfCase(name, 'why.txt').trim()}`, () => {
      const expected = JSON.parse(textOfCase(name, 'expected-error.json')) as object;
      expect(failureOf(() => read(name))).toMatchObject({ file: 'hosts', ...expected });
    });
  }
});
