import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { chosenPackages } from '../src/package-folder.ts';

const lab = openLab({ name: `gateway-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const members = ['node1', 'node2'];
const before = new Map<string, string[]>();
const only = ['--only', 'gateway'];
const address = '10.77.5.254';
let packages: Awaited<ReturnType<typeof chosenPackages>> | undefined;

/** keepalived, and what the hosts lack for it. */
const wanted =
  /^(?:keepalived|perl-base|perl-modules-5\.36|libperl5\.36|libgdbm6|libgdbm-compat4|libglib2\.0-0|libnl-3-200|libnl-genl-3-200|pci\.ids|libpci3|libsensors-config|libsensors5|libsnmp-base|libsnmp40)_/u;

beforeAll(async () => {
  await lab.down();
  await lab.up(2);
  packages = await chosenPackages(lab, ['keepalived'], wanted);
  for (const name of members) before.set(name, await hostState(cluster, name));
  // Two members without a witness may only be where the database is somebody else's; no phase of this test asks for it.
  cluster.setVariables(
    `muster_packages=${packages.folder}\nmuster_database_url=postgresql://muster@db.invalid/muster\nmuster_gateway_address=${address}/16\n[management]\nnode1\nnode2`,
  );
});

afterAll(async () => {
  await lab.down();
  packages?.remove();
});

/** The members that have the address. */
async function holders(): Promise<string[]> {
  const seen = await Promise.all(members.map((name) => cluster.on(name, 'ip -o -4 address show dev eth0')));
  return members.filter((_name, index) => seen[index]?.includes(` ${address}/`));
}
const movesTo = (name: string) => expect.poll(holders, { timeout: 60_000, interval: 500 }).toEqual([name]);
const others = { node1: 'node2', node2: 'node1' } as const;
const other = (name: string): string => others[name as keyof typeof others];

/** The tests stand in the order of an address's life and build on each other. */
describe('the address of the way out', () => {
  it('is that of one member', async () => {
    const { code, finished } = await cluster.applyJson(...only);
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 2, failed: 0 });
    await expect.poll(async () => (await holders()).length, { timeout: 60_000, interval: 500 }).toBe(1);
    expect((await cluster.applyJson(...only)).finished).toMatchObject({ changed: 0, failed: 0 });
  });

  it('moves when its holder is killed, and is not on two', async () => {
    const [holder = ''] = await holders();
    await cluster.on(holder, 'systemctl kill -s KILL muster-gateway');
    await movesTo(other(holder));
    // The killed one is started anew, and does not take the address back.
    await expect
      .poll(() => cluster.on(holder, 'systemctl is-active muster-gateway; true'), { timeout: 30_000, interval: 500 })
      .toBe('active');
    expect(await holders()).toEqual([other(holder)]);
  });

  it('moves when its holder has itself no way out', async () => {
    const [holder = ''] = await holders();
    await cluster.on(holder, 'ip route del default');
    await movesTo(other(holder));
    expect(await cluster.on(holder, `ping -c 1 -W 5 ${address} >/dev/null && echo there`)).toBe('there');
    await cluster.on(holder, 'ip route add default via 10.77.0.1 dev eth0 proto static');
  });

  it('goes with a reset: hosts are as they were before', async () => {
    expect(await cluster.operator('reset', '--yes')).toMatchObject({ code: 0 });
    expect(await holders()).toEqual([]);
    // perl-base, which had to be upgraded for keepalived, stays upgraded: the older one is nowhere to be had.
    const lasting = (state: readonly string[]) => state.filter((line) => !/perl/u.test(line));
    for (const name of members) expect(lasting(await hostState(cluster, name))).toEqual(lasting(before.get(name) ?? []));
  });
});
