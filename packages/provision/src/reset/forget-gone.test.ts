import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import { forgetGone } from './forget-gone.ts';

const takeOut = 'take a voter out of etcd';
const inventory = '[management]\na\nb\n[witness]\nc\n[worker]\nd\n';

let fixture: ClusterFixture;
beforeEach(() => {
  fixture = new ClusterFixture(inventory);
  for (const host of fixture.hosts.values())
    host.more.push(({ label }) => (label === takeOut || label === 'forget a member of the pool' ? '' : undefined));
});

function forget(...names: string[]) {
  const { cluster, connect, signal } = fixture.options();
  return forgetGone({ cluster, gone: new Set(names), connect, signal });
}
const lose = (name: string) => fixture.unreachable.set(name, new Error('no route to host'));
const asked = (name: string) => fixture.host(name).sent.filter(({ label }) => label === takeOut).length;

describe('a host that will not be back', () => {
  it('is taken out of the pool by one that stays, and off the server', async () => {
    lose('b');
    fixture.muster.put('b');
    expect(await forget('b')).toEqual([
      { host: 'b', done: ['taken out of the pool', 'removed from the management server, its certificate revoked'], left: [] },
    ]);
    expect([asked('a'), asked('b')]).toEqual([1, 0]);
  });

  it('is told of again without being there any more: nothing is left to do', async () => {
    lose('b');
    expect(await forget('b')).toEqual([{ host: 'b', done: ['taken out of the pool'], left: [] }]);
  });

  it('is not forgotten while it answers', async () => {
    await expect(forget('b')).rejects.toThrow(/b answers, so it is not gone\. Reset it: muster reset --limit b/u);
    expect(asked('a')).toBe(0);
  });

  it('is not forgotten with so many that the others are no majority', async () => {
    lose('a');
    lose('c');
    await expect(forget('a', 'c')).rejects.toThrow(/Of the 3 voters of the pool 1 would stay/u);
    expect(asked('b')).toBe(0);
  });

  it('that is only a node leaves the pool alone', async () => {
    lose('d');
    await forget('d');
    expect(asked('a')).toBe(0);
  });

  it('is out of the pool also while the server does not answer, and what is left to do is said', async () => {
    lose('b');
    fixture.host('a').trouble('muster nodes', { stderr: 'no socket' });
    const [first] = await forget('b');
    expect(first).toMatchObject({
      done: ['taken out of the pool'],
      left: [expect.stringMatching(/^on a, once it answers .*: muster node remove b$/u)],
    });
  });
});
