import { describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { rebootHost } from './reboot.ts';

const patience = { waitMs: 200, everyMs: 1 };

/** A host that answers as after another boot from the login of this number on. */
function rebooting(upAfterLogins: number): { host: HostRun; run: Run; fixture: ClusterFixture } {
  const fixture = new ClusterFixture('[driver]\nboss\n');
  const fake = fixture.host('boss');
  let [isDown, logins] = [false, 0];
  fake.more.push(({ label }) => {
    if (label === 'look at the boot') return isDown && logins >= upAfterLogins ? 'boot-2:1\n' : 'boot-1:1\n';
    if (label !== 'reboot the host') return undefined;
    isDown = true;
    return '';
  });
  const connect = () => {
    logins += 1;
    return logins === 1 ? Promise.reject(new Error('connection refused')) : Promise.resolve(fake);
  };
  const run = fixture.run({ connect });
  const host = { host: fixture.cluster.driver!, connection: fake };
  return { host, run, fixture };
}

describe('a reboot', () => {
  it('is over when the host answers after another boot, held and with root', async () => {
    const { host, run, fixture } = rebooting(3);
    let isReleased = false;
    host.release = () => {
      isReleased = true;
      return Promise.resolve();
    };
    await rebootHost(host, run, patience);
    expect(isReleased).toBe(true);
    expect(fixture.host('boss').heldBy).toBe('operator@here, apply');
    expect(
      fixture
        .host('boss')
        .sent.map(({ label }) => label)
        .at(-1),
    ).toBe('sudo id -u');
    await host.release?.();
  });

  it('that takes too long is told with the last reason', async () => {
    const { host, run } = rebooting(Number.POSITIVE_INFINITY);
    await expect(rebootHost(host, run, patience)).rejects.toThrow(
      /boss was rebooted and is not back after 0 minutes \(connection refused\)/u,
    );
  });

  it('ends with the run', async () => {
    const { host, run, fixture } = rebooting(Number.POSITIVE_INFINITY);
    setTimeout(() => fixture.interrupt(), 5);
    await expect(rebootHost(host, run, { waitMs: 60_000, everyMs: 1 })).rejects.toThrow(/interrupted|aborted/u);
  });

  it('is asked for by a script that is valid for a POSIX shell', async () => {
    const { host, run, fixture } = rebooting(2);
    await rebootHost(host, run, patience);
    for (const { label, script } of fixture.host('boss').sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
    await host.release?.();
  });
});
