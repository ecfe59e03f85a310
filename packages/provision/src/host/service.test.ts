import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runInDash } from '../../test/dash.ts';
import { noteReload, noteRestart, observeReload, observeService, reloadService, restartService, serviceState } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-service-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script in a real shell, with /run in a temporary folder and a systemctl that says or does what a test wants. */
const runHere = (script: string, systemctl: string) => {
  writeFileSync(join(folder, 'systemctl'), `#!/bin/sh\n${systemctl}\n`, { mode: 0o755 });
  return runInDash(script.replaceAll('/run/', `${folder}/`), { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
};
const mark = join(folder, 'muster-restart-pending.x.service');

describe('a unit that a run starts', () => {
  it.each([
    ['case $1 in is-active) echo active;; *) echo enabled;; esac', { active: true, enabled: true }],
    ['case $1 in is-active) echo activating;; *) echo disabled;; esac; exit 3', { active: false, enabled: false }],
    ['echo "Failed to get unit file state" >&2; exit 1', { active: false, enabled: false }],
  ])('is seen as systemctl shows it: %s', async (systemctl, state) => {
    const { stdout } = await runHere(observeService('x.service'), systemctl);
    expect(serviceState(stdout)).toEqual({ ...state, restartPending: false });
  });

  it('is known to wait for a restart from the first change until the restart has succeeded', async () => {
    const isPending = async () => serviceState((await runHere(observeService('x.service'), 'true')).stdout).restartPending;
    await runHere(noteRestart('x.service'), 'true');
    expect(await isPending()).toBe(true);
    const failed = await runHere(restartService('x.service'), 'case $1 in restart) exit 1;; esac');
    expect([failed.code, existsSync(mark), await isPending()]).toEqual([1, true, true]);
    const done = await runHere(restartService('x.service'), `echo "$*" >> ${folder}/said`);
    expect([done.code, existsSync(mark), await isPending()]).toEqual([0, false, false]);
  });

  it('is known to wait for a reload until that, or a restart, has succeeded', async () => {
    const isPending = async () => (await runHere(observeReload('x.service'), 'true')).stdout === 'reload=yes\n';
    for (const made of [reloadService('x.service'), restartService('x.service')]) {
      await runHere(noteReload('x.service'), 'true');
      expect(await isPending()).toBe(true);
      expect((await runHere(made, 'case $1 in reload | restart) exit 1;; esac')).code).toBe(1);
      expect(await isPending()).toBe(true);
      expect((await runHere(made, 'true')).code).toBe(0);
      expect(await isPending()).toBe(false);
    }
  });

  it('is unknown of a host that says nothing', () => {
    expect(serviceState('')).toEqual({ active: false, enabled: false, restartPending: false });
  });
});
