import { SshError } from '@muster/ssh';
import { describe, expect, it } from 'vitest';
import { ClusterFixture } from '../test/cluster-fixture.ts';
import { ping, type Pong } from './index.ts';

const pingAll = (
  fixture: ClusterFixture,
  { forks = 10, sudo = true, repeat = 1 }: { forks?: number; sudo?: boolean; repeat?: number } = {},
) => {
  const { connect, signal } = fixture.options();
  const told: string[] = [];
  return ping(fixture.cluster.hosts, { forks, connect, signal, sudo, repeat, onPong: ({ host }) => void told.push(host) }).then(
    (pongs) => ({
      pongs,
      told,
    }),
  );
};
const failureOf = (pongs: readonly Pong[], name: string) => pongs.find((pong) => pong.host === name)?.failure;

describe('muster ping', () => {
  it('logs in everywhere and runs nothing there', async () => {
    const fixture = new ClusterFixture();
    const { pongs } = await pingAll(fixture, { sudo: false });
    expect(pongs.map(({ ok }) => ok)).toEqual([true, true, true]);
    for (const host of fixture.hosts.values()) expect([host.sent, host.isClosed]).toEqual([[], true]);
  });

  it('with sudo becomes root everywhere, changes nothing, and closes what it opened', async () => {
    const fixture = new ClusterFixture();
    const { pongs, told } = await pingAll(fixture);
    expect(pongs).toMatchObject([
      { host: 'boss', ok: true },
      { host: 'web1', ok: true },
      { host: 'web2', ok: true },
    ]);
    expect(told.toSorted()).toEqual(['boss', 'web1', 'web2']);
    for (const host of fixture.hosts.values()) {
      expect(host.sent).toEqual([{ label: 'sudo id -u', script: 'id -u', stdin: '', sudo: true }]);
      expect(host.isClosed).toBe(true);
    }
  });

  it('tells of hosts that cannot be reached, and tries the others', async () => {
    const fixture = new ClusterFixture();
    const error = new SshError({ kind: 'unreachable', host: fixture.host('web1').host, what: 'nothing answers', advice: 'Look.' });
    fixture.unreachable.set('web1', error);
    const { pongs } = await pingAll(fixture);
    expect(pongs.map((pong) => pong.ok)).toEqual([true, false, true]);
    expect(failureOf(pongs, 'web1')).toEqual({ host: 'web1', phase: 'ping', kind: 'unreachable', message: error.message });
  });

  it.each([
    [{ stdout: '1000\n', exitCode: 0 }, 'sudo on web1 gives the user id 1000'],
    [{ stdout: '', exitCode: 0 }, 'sudo on web1 gives the user id'],
    [{ exitCode: 1 }, 'sudo on web1 ends with exit status 1'],
  ])('takes %j for no root', async (ending, message) => {
    const fixture = new ClusterFixture();
    fixture.host('web1').trouble('sudo id -u', ending);
    const { pongs } = await pingAll(fixture);
    expect(failureOf(pongs, 'web1')).toMatchObject({ message: expect.stringContaining(message), command: 'sudo id -u' });
    expect(fixture.host('web1').isClosed).toBe(true);
  });

  it('counts the logins of each host when there are several, and tells of a host once', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web1').trouble('sudo id -u', { exitCode: 1 });
    const { pongs, told } = await pingAll(fixture, { repeat: 5 });
    expect(told.toSorted()).toEqual(['boss', 'web1', 'web2']);
    expect(pongs.map(({ ok, logins }) => [ok, logins?.total])).toEqual([
      [true, 5],
      [false, 5],
      [true, 5],
    ]);
    expect(pongs[1]).toMatchObject({
      logins: { failed: expect.any(Number) },
      failure: { message: expect.stringContaining('exit status 1') },
    });
    expect(pongs[1]?.logins?.failed).toBeGreaterThan(0);
  });

  it('names the hosts it did not come to when it is interrupted', async () => {
    const fixture = new ClusterFixture();
    fixture.host('boss').trouble('sudo id -u', () => fixture.interrupt());
    const { pongs, told } = await pingAll(fixture, { forks: 1 });
    expect(pongs.map((pong) => pong.failure?.message)).toEqual([
      expect.any(String),
      'Interrupted before this host was tried.',
      'Interrupted before this host was tried.',
    ]);
    expect(told).toEqual(['boss']);
  });
});
