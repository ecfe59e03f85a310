import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRoot } from '../../test/script-root.ts';
import { removeAccounts, restoreFiles } from './traces-phase.ts';

const notes = '/var/lib/muster-provision';
const daemonJson = '/etc/docker/daemon.json';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
  root.write(`${notes}/files`, root.inside(`${daemonJson}\n/etc/mine.conf\n`));
  root.write(`${notes}/before${root.path('/etc/mine.conf')}`, 'as it was');
  root.write(`${notes}/group`, 'docker\nmunge\n');
  root.write(daemonJson, '{}');
  root.program('getent', 'exit 0');
  root.program('groupdel', 'echo "$1" >> /run/gone');
});
afterEach(() => root.remove());

const reset = () => root.run(`set -eu\n${restoreFiles}\n${removeAccounts}`);

describe('a reset', () => {
  it('gives files back, and takes away what a run has made', async () => {
    root.write(`${notes}/existed.docker`);
    expect(await reset()).toMatchObject({ code: 0, stderr: '' });
    expect([root.has(daemonJson), root.read('/etc/mine.conf'), root.read('/run/gone')]).toEqual([false, 'as it was', 'docker\nmunge\n']);
  });

  it("leaves configuration and group to somebody's own Docker in the place of a run's", async () => {
    root.write(`${notes}/existed.docker`);
    root.program('dockerd', 'exit 0', 'usr/sbin');
    expect(await reset()).toMatchObject({ code: 0, stderr: '' });
    expect([root.has(daemonJson), root.read('/etc/mine.conf'), root.read('/run/gone')]).toEqual([true, 'as it was', 'munge\n']);
  });

  it('takes a daemon.json away that a run has made for a Docker that was there before', async () => {
    root.program('dockerd', 'exit 0');
    await reset();
    expect(root.has(daemonJson)).toBe(false);
  });
});
