import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import type { FakeHost } from '../../test/fake-host.ts';
import { RemainingPool } from './remaining-pool.ts';

const takeOut = 'take a voter out of etcd';
const inventory = '[management]\na\nb\n[witness]\nc\n';

let fixture: ClusterFixture;
beforeEach(() => {
  fixture = new ClusterFixture(inventory);
  for (const host of fixture.hosts.values())
    host.more.push(({ label }) => (label === takeOut || label === 'forget a member of the pool' ? '' : undefined));
});

const withoutEtcd = (host: FakeHost): void => host.trouble(takeOut, { exitCode: 0, stdout: 'etcd=none\n' });
const asked = (name: string): boolean => fixture.host(name).sent.some(({ label }) => label === takeOut);

async function dismiss(): Promise<void> {
  const { cluster, connect, signal } = fixture.options();
  const pool = new RemainingPool(
    cluster.hosts.filter(({ name }) => name !== 'c'),
    { connect, signal },
  );
  try {
    await pool.dismiss('c');
  } finally {
    await pool.close();
  }
}

describe('a voter that is taken out of the pool that stays', () => {
  it('is taken out by the first that can', async () => {
    await dismiss();
    expect([asked('a'), asked('b')]).toEqual([true, false]);
  });

  it('is not held to be out by a host that has no etcd: the next one is asked', async () => {
    withoutEtcd(fixture.host('a'));
    await dismiss();
    expect([asked('a'), asked('b')]).toEqual([true, true]);
  });

  it('stays in, with an error, where one has no etcd and the other fails', async () => {
    withoutEtcd(fixture.host('a'));
    fixture.host('b').trouble(takeOut, { stderr: 'no quorum' });
    await expect(dismiss()).rejects.toThrow(/c could not be taken out of the etcd of the pool/u);
  });

  it('needs nothing where none that stays has etcd', async () => {
    for (const host of fixture.hosts.values()) withoutEtcd(host);
    await dismiss();
    expect(fixture.host('b').sent.some(({ label }) => label === 'forget a member of the pool')).toBe(true);
  });
});
