import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { hookUnit } from './hook-unit.ts';
import { type HookReport, runHooks } from './hooks.ts';

let base: string;
let folder: string;
beforeEach(() => {
  base = temporaryFolder();
  folder = join(base, 'hooks.d');
  mkdirSync(folder, { mode: 0o755 });
});

function hook(name: string, body: string, mode = 0o755): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode });
  chmodSync(join(folder, name), mode);
}

const run = (timeoutSeconds = 10): Promise<readonly HookReport[]> =>
  runHooks(
    { folder, run: () => Promise.resolve({ kind: 'absent' }), usesSystemd: () => Promise.resolve(false), timeoutSeconds },
    { publishedFolder: '/etc/muster/pki/current', nodeName: 'worker1' },
  );

describe('hooks', () => {
  it('run in the order of their names, with the folder as argument and in the environment', async () => {
    const log = join(base, 'log');
    for (const name of ['20-second', '10-first', '30-third.sh']) hook(name, `echo "$0 $1 $MUSTER_PKI $MUSTER_NODE" >> ${log}`);
    expect(await run()).toEqual(['10-first', '20-second', '30-third.sh'].map((name) => ({ name, ok: true, message: 'exit status 0' })));
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(
      ['10-first', '20-second', '30-third.sh'].map(
        (name) => `${join(folder, name)} /etc/muster/pki/current /etc/muster/pki/current worker1`,
      ),
    );
  });

  it('do not hold each other up: one that fails, hangs or cannot start is named, and the rest run', async () => {
    hook('10-fails', 'echo "nginx: [emerg] no such file" >&2; exit 3');
    hook('20-hangs', 'sleep 60 & wait');
    writeFileSync(join(folder, '30-not-a-program'), '#!/no/such/interpreter\n', { mode: 0o755 });
    hook('40-killed', 'kill -9 $$');
    hook('50-good', `touch ${join(base, 'good')}`);
    const startMs = performance.now();
    const reports = await run(0.5);
    expect(performance.now() - startMs).toBeLessThan(9000);
    expect(reports.map(({ name, ok }) => [name, ok])).toEqual([
      ['10-fails', false],
      ['20-hangs', false],
      ['30-not-a-program', false],
      ['40-killed', false],
      ['50-good', true],
    ]);
    expect(reports[0]?.message).toBe('exit status 3: nginx: [emerg] no such file');
    expect(reports[1]?.message).toBe('not done within 0.5 s; it was ended');
    expect(reports[2]?.message).toContain('could not be started');
    expect(reports[3]?.message).toBe('ended by SIGKILL');
    expect(existsSync(join(base, 'good'))).toBe(true);
  });

  it('that somebody else may have written do not run, and are named', async () => {
    const touch = (name: string): string => `touch ${join(base, name)}`;
    hook('10-group', touch('group'), 0o775);
    hook('20-world', touch('world'), 0o757);
    hook('30-plain', touch('plain'), 0o644);
    mkdirSync(join(folder, '40-folder'));
    symlinkSync('/no/such/file', join(folder, '50-nowhere'));
    const reports = await run();
    expect(reports.map(({ ok }) => ok)).toEqual([false, false, false, false, false]);
    expect(reports.map(({ message }) => message)).toEqual([
      'not run: can be written by others than its owner (chmod go-w)',
      'not run: can be written by others than its owner (chmod go-w)',
      'not run: cannot be executed (chmod 755)',
      'not run: is not what it should be: a folder of executable files was expected',
      'not run: leads nowhere',
    ]);
    for (const name of ['group', 'world', 'plain']) expect(existsSync(join(base, name))).toBe(false);
  });

  it('in a folder that others may write to do not run at all', async () => {
    hook('10-good', `touch ${join(base, 'good')}`);
    chmodSync(folder, 0o777);
    expect(await run()).toMatchObject([
      { name: '10-good', ok: false, message: expect.stringContaining('can be written by others') as string },
    ]);
    expect(existsSync(join(base, 'good'))).toBe(false);
  });

  it('are only files with plain names: what editors and package managers leave behind is none', async () => {
    for (const name of ['10-a~', '.hidden', '10-a.bak', '10-a.dpkg-old', 'README.md', '#x#', '10 a', '10-a.sh']) hook(name, 'true');
    expect((await run()).map((one) => one.name)).toEqual(['10-a.sh']);
  });

  it('are none where there is no folder', async () => {
    folder = join(base, 'none');
    expect(await run()).toEqual([]);
  });

  it('tell the end of what they print, on one line and bounded', async () => {
    hook('10-talks', 'i=0; while [ $i -lt 500 ]; do echo "line $i"; i=$((i+1)); done; exit 1');
    const [report] = await run();
    expect(report?.message).toMatch(/line 498 line 499$/u);
    expect(report?.message.length).toBeLessThan(530);
  });

  it('of other owners do not run', async () => {
    hook('10-good', 'true');
    symlinkSync('/bin/true', join(folder, '20-system'));
    const reports = await run();
    const isRoot = process.getuid?.() === 0;
    expect(reports[1]).toMatchObject(isRoot ? { ok: true } : { ok: false, message: 'not run: does not belong to the user of the agent' });
  });
});

describe('a hook as a unit of systemd', () => {
  it('is named after the hook and ends in time, and no value is ever interpreted', () => {
    const { name, argv } = hookUnit({
      name: '10-web.sh',
      argv: ['/h/10-web.sh', '/a$b %n'],
      environment: { MUSTER_PKI: '/x y' },
      timeoutSeconds: 60,
    });
    expect(name).toMatch(/^muster-hook-10-web\.sh-[0-9a-f-]{36}\.service$/u);
    expect(argv[0]).toBe('systemd-run');
    expect(argv).toEqual(
      expect.arrayContaining(['--property=RuntimeMaxSec=75', '--setenv=MUSTER_PKI=/x y', '--', '/h/10-web.sh', '/a$$b %n']),
    );
  });
});
