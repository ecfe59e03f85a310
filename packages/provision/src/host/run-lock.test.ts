import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { FakeHost } from '../../test/fake-host.ts';
import { apply } from '../apply.ts';
import { holdHost } from './run-lock.ts';

const signal = new AbortController().signal;

describe('a host that a run works on', () => {
  it('is held until the run lets go', async () => {
    const host = new FakeHost('web1');
    const release = await holdHost(host, 'ada@laptop, apply', signal);
    expect(host.heldBy).toBe('ada@laptop, apply');
    await release();
    expect(host.heldBy).toBeUndefined();
  });

  it('is refused to another, who is told by whom it is held', async () => {
    const host = new FakeHost('web1');
    await holdHost(host, 'ada@laptop, apply since 10:00', signal);
    await expect(holdHost(host, 'bob@desk', signal)).rejects.toThrow(
      'web1 is being worked on by another run: ada@laptop, apply since 10:00. Wait for its end, then run the same command again.',
    );
  });

  it('is told to be one machine with another name of the inventory', async () => {
    const host = new FakeHost('web1');
    await holdHost(host, 'ada@laptop', signal);
    await expect(holdHost(host, 'ada@laptop', signal)).rejects.toThrow('web1 is the same machine as another host of the inventory.');
  });

  it('is let go when the run is over, also one that failed', async () => {
    const fixture = new ClusterFixture();
    fixture.host('boss').trouble('install the server', { exitCode: 1 });
    await apply(fixture.options(), new KeptReport());
    for (const host of fixture.hosts.values()) expect(host.heldBy).toBeUndefined();
  });

  it('takes no further part in a run of somebody else, and the others go on', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').heldBy = 'ada@laptop';
    const { failures } = await apply(fixture.options(), new KeptReport());
    expect([...failures.keys()]).toEqual(['web1']);
    expect(failures.get('web1')?.message).toContain('another run: ada@laptop');
    expect(fixture.host('web1').sent.map(({ label }) => label)).toEqual(['sudo id -u']);
  });

  it('may be looked at all the same', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').heldBy = 'ada@laptop';
    expect((await apply(fixture.options({ dryRun: true }), new KeptReport())).failures.size).toBe(0);
    expect(fixture.host('web1').heldBy).toBe('ada@laptop');
  });
});
