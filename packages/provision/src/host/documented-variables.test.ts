import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const sources = join(root, 'packages/provision/src');
const table = new Set(
  readFileSync(join(root, 'docs/variables.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/gu)].map((match) => match[1] ?? '')),
);

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'host/variables.ts')
  .map((name) => ({ name, text: readFileSync(join(sources, name), 'utf8') }));

/** A read of a variable: its second argument, as it stands in the source. */
const reads = /\b\w*Variable\(\s*[\w.]+\s*,\s*('[^']*'|[^,)]+)/gu;
/** What looks like the name of a variable, and is that of a group. */
const groups: ReadonlySet<string> = new Set(['k3s_server', 'k3s_agent', 'k3s_node', 'slurm_controller', 'slurm_node']);
/** What looks like the name of a variable. */
const names = /'([a-z][a-z0-9]*(?:_[a-z0-9]+)+)'/gu;

/**
 * The variables that a file reads: those it names where it reads. Where a read takes its name from elsewhere, every name that the file has
 * counts, because one of them is meant.
 */
function readBy(text: string): string[] {
  const given = [...text.matchAll(reads)].map((match) => match[1] ?? '');
  const literal = given.filter((one) => one.startsWith("'")).map((one) => one.slice(1, -1));
  const isElsewhere = given.some((one) => !one.startsWith("'"));
  return isElsewhere ? [...literal, ...[...text.matchAll(names)].map((match) => match[1] ?? '')] : literal;
}

describe('the table of variables', () => {
  it('has every variable that a phase reads of a host', () => {
    const read = files.flatMap(({ name, text }) => readBy(text).map((variable) => ({ name, variable })));
    expect(read.length).toBeGreaterThan(30);
    expect(read.filter(({ variable }) => !table.has(variable) && !groups.has(variable))).toEqual([]);
  });

  it('has every variable that says how to log in', () => {
    const text = readFileSync(join(root, 'packages/core/src/inventory/connection.ts'), 'utf8');
    const read = [...text.matchAll(/'(ansible_\w+)'/gu)].map((match) => match[1] ?? '');
    expect(read.length).toBeGreaterThan(15);
    expect(read.filter((variable) => !table.has(variable))).toEqual([]);
  });

  it('is read in no other way', () => {
    expect(files.filter(({ text }) => /variables\.(?:get|has)\(/u.test(text)).map(({ name }) => name)).toEqual([]);
  });
});
