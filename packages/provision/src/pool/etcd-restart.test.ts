import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRoot } from '../../test/script-root.ts';
import { restartScript } from './etcd-phase.ts';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
  root.program('systemctl', 'case $1 in restart) : > /run/restarted;; esac');
  root.write('/run/muster-restart-pending.muster-etcd.service');
  root.write('/run/slept');
  root.program('sleep', 'echo x >> /run/slept');
});
afterEach(() => root.remove());

const run = () => root.run(`set -eu\n${restartScript}`);
const waits = () => root.read('/run/slept').split('\n').length - 1;

describe('etcd that is started anew in a cluster that runs', () => {
  it('is waited for until it is well again', async () => {
    root.program('etcdctl', '[ ! -e /run/restarted ] || [ "$(wc -l < /run/slept)" -ge 3 ]');
    expect((await run()).code).toBe(0);
    expect(waits()).toBe(3);
    expect(root.has('/run/muster-restart-pending.muster-etcd.service')).toBe(false);
  });

  it('fails with what etcd said where it was well and does not come back', async () => {
    root.program('etcdctl', 'if [ -e /run/restarted ]; then echo no leader; exit 1; fi');
    expect(await run()).toMatchObject({ code: 1, stderr: 'no leader\n' });
    expect(waits()).toBe(19);
  });

  it('is waited for only a moment where it was not well before: it may need the others', async () => {
    root.program('etcdctl', 'exit 1');
    expect(await run()).toMatchObject({ code: 0 });
    expect([root.has('/run/restarted'), waits()]).toEqual([true, 4]);
  });
});
