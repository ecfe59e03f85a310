import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { runMuster } from '../test/run-muster.ts';
import { makeProgram, programFor } from './program.ts';
import { version } from './version.ts';

type Found = { readonly path: string[]; readonly name: string; readonly isGroup: boolean };

/** Every command with the words that lead to it. */
function commandsOf(command: Command, before: string[] = []): Found[] {
  return command.commands.flatMap((child) => {
    const path = [...before, child.name()];
    return [{ path, name: path.join(' '), isGroup: child.commands.length > 0 }, ...commandsOf(child, path)];
  });
}
const commands = commandsOf(await makeProgram());

describe('what is loaded', () => {
  const top = commands.filter(({ path }) => path.length === 1).map(({ name }) => name);
  const loaded = async (...argv: string[]) => (await programFor(argv)).commands.map((child) => child.name());

  it.each(top.filter((name) => !['completion', '__complete'].includes(name)))('for %s is that command alone', async (name) => {
    expect(await loaded(name, 'nodes')).toEqual([name]);
    expect(await loaded('--context', 'ping', '--socket=/x', name)).toEqual([name]);
  });

  it.each([[[]], [['--help']], [['frobnicate']], [['help', 'ping']], [['__complete', '--', 'no']], [['--socket', 'ping']]])(
    'for %j is all',
    async (argv) => expect(await loaded(...argv)).toEqual(top),
  );
});

describe('the help', () => {
  it('is there for the commands of this slice', () => {
    const names = commands.map(({ name }) => name);
    for (const wanted of ['up', 'ping', 'apply', 'nodes', 'node add', 'node ensure', 'events', 'status', 'sign-in-link', 'config print'])
      expect(names).toContain(wanted);
  });

  it.each(commands.filter(({ isGroup }) => !isGroup))('of $name says what it does and has an example', async ({ path, name }) => {
    const { code, stdout, stderr } = await runMuster(...path, '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: muster /u);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n(?:.*\\n)*.*muster ${name.split(' ')[0]}`, 'u'));
  });

  it('of muster itself has examples, and comes when nothing is asked', async () => {
    expect((await runMuster('--help')).stdout).toContain('Examples:\n  muster up --demo 3');
    expect((await runMuster('-h')).code).toBe(0);
    expect(await runMuster()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: muster') });
  });

  it('tells the version', async () => expect(await runMuster('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' }));
});

describe('a wrong command line', () => {
  it.each([
    { args: ['nodes', '--colour'], said: "unknown option '--colour'" },
    { args: ['nodes', '--filtr', 'x'], said: 'Did you mean --filter?' },
    { args: ['node', 'shwo', 'web1'], said: 'Did you mean show?' },
    { args: ['frobnicate'], said: "unknown command 'frobnicate'" },
    { args: ['node', 'show'], said: "missing required argument 'name'" },
    { args: ['nodes', '-o', 'xml'], said: 'Allowed choices are table, wide, json, yaml, name' },
    { args: ['apply'], said: "required option '-i, --inventory <path>' not specified" },
    { args: ['ping', '-i', 'x', '-f', 'many'], said: 'must be a whole number from 1 to 1000.' },
    { args: ['ping', '-i', 'x', '--host-key-checking', 'maybe'], said: 'must be yes or no.' },
    { args: ['up', '--demo', '0'], said: 'must be a whole number from 1 to 50.' },
    { args: ['node', 'ensure', 'file.json'], said: 'Only "-" (standard input) can be read.' },
    { args: ['node', 'add', 'web1', '--label', 'rack'], said: '"rack" is not a label: write KEY=VALUE.' },
    { args: ['node', 'add', 'Web_1'], said: 'name: a node name has lower-case letters' },
  ])('ends with 2 and one clear line: $args', async ({ args, said }) => {
    const { code, stdout, stderr } = await runMuster(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n\s+at /u);
  });
});

describe('without a server', () => {
  it.each([['nodes'], ['status'], ['events'], ['node', 'show', 'web1'], ['sign-in-link']])(
    'muster %s %s %s says where it looked',
    async (...args) => {
      const { code, stdout, stderr } = await runMuster(
        '--socket',
        '/nonexistent/muster.sock',
        ...args.filter((word) => word !== undefined),
      );
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toBe(
        'error: No Muster server answers on /nonexistent/muster.sock. Start it with "muster up" (or "systemctl start muster").\n',
      );
    },
  );
});
