import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grammarProblems } from '../../test/dash.ts';
import { controlExtent, controlFiles, controlProblems, enableControl, makeControlFolders, removeControl } from './control-files.ts';
import type { ClusterHost } from './cluster.ts';

const execute = promisify(execFile);

let folder = '';
let program = '';
const ran = () => (existsSync(join(folder, 'ran')) ? readFileSync(join(folder, 'ran'), 'utf8') : '');

/** A stand-in that keeps how it was called. */
function standIn(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"${folder}/ran"\necho active\n`, { mode: 0o755 });
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-control-'));
  const files = controlFiles({ systemctl: standIn('systemctl'), sudo: standIn('sudo') }, ['ssh-ed25519 AAAA']);
  program = join(folder, 'control');
  writeFileSync(program, files.program.content);
  chmodSync(program, files.program.mode);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program as sshd does: as the login shell, with the forced command as its argument and the request in the environment. */
async function request(word: string | undefined, args: readonly string[] = ['-c', program], of = program) {
  rmSync(join(folder, 'ran'), { force: true });
  const env = word === undefined ? {} : { SSH_ORIGINAL_COMMAND: word };
  try {
    await execute(of, [...args], { env });
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
}

describe('the program of the control access', () => {
  it.each(['start', 'stop', 'restart'])('does %s, with sudo, on the agent alone', async (word) => {
    expect(await request(word)).toBe(0);
    expect(ran()).toBe(`sudo -n ${folder}/systemctl ${word} muster-agent.service\n`);
  });

  it('says how the agent is, without sudo', async () => {
    expect(await request('is-active')).toBe(0);
    expect(ran()).toBe('systemctl is-active muster-agent.service\n');
  });

  it.each([
    undefined,
    '',
    'start ssh.service',
    'start\nstop',
    'restart; id',
    'restart muster-agent.service',
    ' start',
    'start ',
    'START',
    '*',
    'st?p',
    '[a-z]*',
    '-h',
    '$(id)',
    '`id`',
    'reload',
    '/bin/sh',
    'internal-sftp',
    'scp -t /tmp',
  ])('refuses %j and runs nothing', async (word) => {
    expect(await request(word)).toBe(77);
    expect(ran()).toBe('');
  });

  it.each([[[]], [['-c', 'id']], [['-c', 'start']], [['-i']], [['-l']], [['start']]])(
    'takes no order from its arguments %j, whoever starts it as a login shell',
    async (args) => {
      expect(await request(undefined, args)).toBe(77);
      expect(ran()).toBe('');
    },
  );

  it('refuses whatever else is asked', async () => {
    const known = new Set(['start', 'stop', 'restart', 'is-active']);
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...known).chain((one) => fc.string().map((more) => `${one}${more}`)),
    );
    await fc.assert(
      fc.asyncProperty(
        word.filter((text) => !known.has(text) && !text.includes('\0')),
        async (text) => {
          expect(await request(text)).toBe(77);
          expect(ran()).toBe('');
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the program of a host that was given to the server whole', () => {
  let full = '';
  beforeAll(() => {
    full = join(folder, 'full');
    const programs = { systemctl: join(folder, 'systemctl'), sudo: join(folder, 'sudo') };
    const { content, mode } = controlFiles(programs, ['ssh-ed25519 AAAA'], 'full').program;
    writeFileSync(full, content, { mode });
  });
  const ask = (word: string | undefined, args = ['-c', full]) => request(word, args, full);

  it('still knows the four words of the agent', async () => {
    expect(await ask('restart')).toBe(0);
    expect(ran()).toBe(`sudo -n ${folder}/systemctl restart muster-agent.service\n`);
  });

  it('runs any other command as a login would, with its own end', async () => {
    expect(await ask(`echo "$0: it's" > ${folder}/ran; exit 7`)).toBe(7);
    expect(ran()).toBe("/bin/sh: it's\n");
  });

  it.each([undefined, ''])('gives nobody a shell to sit at: %j', async (word) => expect(await ask(word)).toBe(77));

  it('has a rule for sudo that is as wide as it says, and a valid grammar', async () => {
    const {
      program: script,
      sudoers,
      keys,
    } = controlFiles({ systemctl: '/usr/bin/systemctl', sudo: '/usr/bin/sudo' }, ['ssh-ed25519 AAAA'], 'full');
    expect(sudoers.content.split('\n').filter((line) => line.includes('NOPASSWD'))).toEqual(['muster-control ALL=(root) NOPASSWD: ALL']);
    // A terminal for a console of the node; no forwarding: that stays.
    expect(keys.content).toMatch(/^restrict,pty,command="/u);
    expect(await grammarProblems(script.content)).toBe('');
  });
});

describe('muster_control of an inventory', () => {
  const host = (word?: string) => ({ variables: new Map(word === undefined ? [] : [['muster_control', word]]) }) as unknown as ClusterHost;

  it.each([
    [undefined, 'agent'],
    ['yes', 'agent'],
    ['true', 'agent'],
    ['no', undefined],
    ['full', 'full'],
    ['FULL', 'full'],
  ])('%s gives the server: %s', (word, extent) => {
    expect(controlExtent(host(word))).toBe(extent);
    expect(controlProblems(host(word))).toEqual([]);
  });

  it('that is another word is a problem, and gives nothing more than without it', () => {
    expect(controlProblems(host('all'))).toEqual(['muster_control is "all": write yes, no or full']);
    expect(controlExtent(host('all'))).toBe('agent');
  });
});

describe('what a run leaves on a host', () => {
  const programs = { systemctl: '/usr/bin/systemctl', sudo: '/usr/bin/sudo' };

  it('lets sudo run three commands, each as it is', () => {
    const rules = controlFiles(programs, [''])
      .sudoers.content.split('\n')
      .filter((line) => line.includes('NOPASSWD'));
    expect(rules).toEqual(
      ['start', 'stop', 'restart'].map((action) => `muster-control ALL=(root) NOPASSWD: /usr/bin/systemctl ${action} muster-agent.service`),
    );
  });

  it.each([
    ['makes', makeControlFolders],
    ['enables', enableControl(programs)],
    ['removes', removeControl],
    ['is asked', controlFiles(programs, ['']).program.content],
  ])('%s it by a script that is valid for a POSIX shell', async (_what, script) => expect(await grammarProblems(script)).toBe(''));
});
