import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../test/cluster-fixture.ts';
import type { FakeHost } from '../test/fake-host.ts';
import { finishedCluster } from '../test/installed-host.ts';
import { apply } from './index.ts';

const boss = 'boss ansible_host=10.0.0.10';
const web1 = 'web1 ansible_host=10.0.0.11';
const web2 = 'web2 ansible_host=10.0.0.12';

/** The machines of a finished cluster under another inventory, told apart by their addresses. */
function underInventory(before: ClusterFixture, inventory: string): ClusterFixture {
  const fixture = new ClusterFixture(inventory);
  const machines = [...before.hosts.values()];
  for (const [name, host] of fixture.hosts) {
    const same = machines.find((machine) => machine.host.address === host.host.address);
    if (same !== undefined) (fixture.hosts as Map<string, FakeHost>).set(name, renamed(same, name));
  }
  for (const host of fixture.hosts.values()) host.muster = before.muster;
  return fixture;
}

function renamed(host: FakeHost, name: string): FakeHost {
  (host as { host: FakeHost['host'] }).host = { ...host.host, name };
  return host;
}

const changesOf = (report: KeptReport) => report.outcomes.flatMap(({ host, changes }) => changes.map(({ what }) => `${host}: ${what}`));

describe('an inventory that changed between two runs', () => {
  it('without one of the hosts leaves that host and its node as they are', async () => {
    const before = await finishedCluster();
    const fixture = underInventory(before, `[driver]\n${boss}\n[worker]\n${web1}\n`);
    const report = new KeptReport();
    const { failures } = await apply(fixture.options(), report);
    expect([failures.size, changesOf(report)]).toEqual([0, []]);
    expect(before.host('web2').sent).toEqual([]);
    expect(before.muster.nodes.get('web2')).toMatchObject({ registration: 'registered' });
  });

  it('takes in a host that is new, and changes nothing of the others', async () => {
    const before = await finishedCluster();
    const fixture = underInventory(before, `[driver]\n${boss}\n[worker]\n${web1}\n${web2}\nweb3 ansible_host=10.0.0.13\n`);
    const report = new KeptReport();
    expect((await apply(fixture.options(), report)).failures.size).toBe(0);
    expect(new Set(changesOf(report).map((change) => change.split(':')[0]))).toEqual(new Set(['web3']));
  });

  it.each([false, true])(
    'that names a host anew is refused until the old node is removed, and nothing is touched (dry run: %s)',
    async (dryRun) => {
      const before = await finishedCluster();
      const fixture = underInventory(before, `[driver]\n${boss}\n[worker]\nweb9 ansible_host=10.0.0.11\n${web2}\n`);
      const { failures } = await apply(fixture.options({ dryRun }), new KeptReport());
      expect([...failures.values()]).toEqual([
        expect.objectContaining({
          host: 'web9',
          phase: 'agent',
          message: expect.stringMatching(/web9 is the node web1 on the server.*on boss: sudo muster node remove web1/u),
        }),
      ]);
      for (const host of fixture.hosts.values()) expect(host.steps).toEqual([]);
      before.muster.run(['node', 'remove', 'web1'], '');
      expect([...(await apply(fixture.options(), new KeptReport())).failures.values()]).toEqual([]);
      expect(before.muster.nodes.get('web9')).toMatchObject({ registration: 'registered', health: { state: 'good' } });
      const again = new KeptReport();
      await apply(fixture.options(), again);
      expect(changesOf(again)).toEqual([]);
    },
  );

  it('that gives a host another group corrects its node, and restarts nothing', async () => {
    const before = await finishedCluster();
    const fixture = underInventory(before, `[driver]\n${boss}\n[worker]\n${web1}\n${web2}\n[gpu]\nweb2\n`);
    const report = new KeptReport();
    expect((await apply(fixture.options(), report)).failures.size).toBe(0);
    expect(changesOf(report)).toEqual(['web2: change its groups to gpu, worker']);
    expect(before.host('web2').steps).toEqual([]);
  });

  it.each([false, true])('that moves the driver is refused before anything is touched (dry run: %s)', async (dryRun) => {
    const before = await finishedCluster();
    const fixture = underInventory(before, `[driver]\n${web1}\n[worker]\n${boss}\n${web2}\n`);
    fixture.host('boss').facts += 'management_server=yes\n';
    const { failures } = await apply(fixture.options({ dryRun }), new KeptReport());
    expect(failures.get('web1')).toMatchObject({
      phase: 'preflight',
      message: expect.stringMatching(
        /boss has the management server of these hosts, but \[driver\] is web1: name boss in \[driver\] again/u,
      ),
    });
    expect([...failures.keys()].toSorted()).toEqual(['boss', 'web1', 'web2']);
    for (const host of fixture.hosts.values()) expect([host.steps, host.uploads]).toEqual([[], []]);
  });

  it('that moves the driver back goes on as before', async () => {
    const before = await finishedCluster();
    const moved = underInventory(before, `[driver]\n${web1}\n[worker]\n${boss}\n${web2}\n`);
    moved.host('boss').facts += 'management_server=yes\n';
    await apply(moved.options(), new KeptReport());
    const fixture = underInventory(before, `[driver]\n${boss}\n[worker]\n${web1}\n${web2}\n`);
    const report = new KeptReport();
    expect((await apply(fixture.options(), report)).failures.size).toBe(0);
    expect(changesOf(report)).toEqual([]);
  });
});
