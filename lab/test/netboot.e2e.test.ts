import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { poolPackageFolder } from '../src/package-folder.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { DisklessMachine } from './diskless-machine.ts';
import { hostState } from './host-state.ts';

const lab = openLab({ name: `netboot-${process.pid}` });
const members = ['node1', 'node2'] as const;
type Member = (typeof members)[number];
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];
const addresses = { node1: '10.77.1.1', node2: '10.77.1.2' } as const;
const other = (name: Member): Member => (name === 'node1' ? 'node2' : 'node1');
const before = new Map<string, string[]>();
const dhcpClient = readFileSync(join(import.meta.dirname, 'on-host', 'dhcp-client.py'), 'utf8');
const known = '52:54:00:77:01:50';
const diskless = `diskless ansible_host=10.77.1.50 muster_mac=${known} muster_boot=kernel muster_boot_kernel=vmlinuz muster_boot_initrd=initrd.img`;
/** A folder as an administrator would have it. iPXE itself is the kernel: it has the format of one, and says what it was started with. */
const bootFolder = mkdtempSync(join(tmpdir(), 'muster-lab-boot-'));

/** The inventory of the lab with a pool in it, and a machine that cannot be logged in to, as it has no disk. */
function writeInventory(packages: string): void {
  const lines = readFileSync(lab.inventoryPath, 'utf8').split('\n');
  const [node1, node2, node3] = names.map((name) => lines.find((line) => line.startsWith(`${name} `)) ?? '');
  writeFileSync(
    lab.inventoryPath,
    `[management]
${node1}
${node2}
[witness]
${node3}
[worker]
${diskless}
[worker:vars]
muster_boot_args=echo Kernel of {server} was started.
[all:vars]
muster_packages=${packages}
muster_dhcp=yes
muster_dhcp_range=10.77.9.100-10.77.9.120,2m
muster_tftp=yes
muster_netboot=yes
muster_boot_folder=${bootFolder}
`,
  );
}

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  const packages = await poolPackageFolder(lab, ['dnsmasq-base', 'ipxe', 'busybox']);
  for (const name of names) before.set(name, await hostState(cluster, name));
  copyFileSync('/boot/ipxe.lkrn', join(bootFolder, 'vmlinuz'));
  writeFileSync(join(bootFolder, 'initrd.img'), 'not read by this kernel\n');
  writeInventory(packages);
}, 600_000);

afterAll(async () => {
  await lab.down();
  rmSync(bootFolder, { recursive: true });
});

/** The members that hold the dynamic range; one that is off does not. */
async function holders(): Promise<Member[]> {
  const ask = 'systemctl -q is-active muster-dnsmasq && readlink /run/muster-dnsmasq/role.conf; true';
  const seen = await Promise.all(members.map((name) => cluster.on(name, ask).catch(() => 'off')));
  return members.filter((_name, index) => seen[index]?.endsWith('/holder.conf'));
}

/** Waits until one member holds the range. There must never be two on the way. */
async function holderIs(name: Member, withinMs = 60_000): Promise<void> {
  const until = async () => {
    const now = await holders();
    if (now.length > 1) throw new Error(`${now.join(' and ')} hold the range at once`);
    return now.join();
  };
  await expect.poll(until, { timeout: withinMs, interval: 500 }).toBe(name);
}

/** Whether a member's Patroni says that its database is this: 200 is yes. */
const patroniSays = (name: Member, what: 'primary' | 'sync'): Promise<string> =>
  cluster.on(name, `curl -sk -m 3 -o /dev/null -w '%{http_code}' https://${addresses[name]}:28008/${what} || true`).catch(() => 'off');

async function primary(): Promise<Member | undefined> {
  const codes = await Promise.all(members.map((name) => patroniSays(name, 'primary')));
  return members.find((_name, index) => codes[index] === '200');
}

/** Waits until the database of a member is a copy that may lead, should the primary be lost. */
const mayLead = (name: Member) => expect.poll(() => patroniSays(name, 'sync'), { timeout: 120_000, interval: 1000 }).toBe('200');

/** What DHCP gives to a card, asked for from the witness. */
async function given(mac: string, seconds = 20): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await lab.run('node3', ['python3', '-', mac, String(seconds)], { input: dhcpClient });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const inRange = expect.stringMatching(/^10\.77\.9\.1[012]\d$/u) as string;

/** Boots the machine that the inventory knows, and returns what it said when its kernel runs; `before` is done while it is on its way. */
async function booted(before?: (machine: DisklessMachine) => Promise<void>): Promise<string> {
  const machine = await DisklessMachine.start(lab, 'diskless0', known, 'bios');
  try {
    await before?.(machine);
    await expect.poll(() => machine.serial(), { timeout: 120_000, interval: 500 }).toMatch(/^Kernel of .* was started\./mu);
    return machine.serial();
  } finally {
    await machine.stop();
  }
}

const bootOf = (member: Member) =>
  new RegExp(`^net0: 10\\.77\\.1\\.50/255\\.255\\.0\\.0[^]*^Muster: diskless boots vmlinuz of ${addresses[member]}\\.`, 'mu');

/** The tests stand in the order of a pool's life and build on each other. */
describe('machines that boot over the network of a pool', () => {
  let first: Member = 'node1';
  let given1: Record<string, unknown> = {};
  let uefi: DisklessMachine | undefined;

  afterAll(() => uefi?.stop());

  it('are served by every member alike, and by one alone where no address is reserved: the one with the primary', async () => {
    const { code, finished } = await cluster.applyJson('--limit', 'node1,node2,node3');
    expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0, failures: [] });
    first = (await primary()) ?? first;
    await holderIs(first);
    // Its firmware takes its time, emulated as it is: what it does is looked at later.
    uefi = await DisklessMachine.start(lab, 'diskless1', '52:54:00:77:01:51', 'uefi');
    const served = 'cd /run/muster-netboot && find . -type f -exec sha256sum {} + | sort -k 2; sha256sum /var/lib/muster-netboot/*';
    expect(await cluster.on('node2', served)).toBe(await cluster.on('node1', served));
    given1 = await given('02:77:00:00:99:01');
    expect(given1).toMatchObject({ address: inRange, server: addresses[first], next: addresses[first], boot: 'muster/undionly.kpxe' });
    for (const address of Object.values(addresses))
      expect(await cluster.on('node3', `curl -sS -m 20 tftp://${address}/muster/undionly.kpxe | sha256sum | cut -c1-64`)).toBe(
        await cluster.on('node1', 'sha256sum < /usr/lib/ipxe/undionly.kpxe | cut -c1-64'),
      );
    expect((await cluster.applyJson('--limit', 'node1,node2', '--only', 'netboot,dnsmasq')).finished).toMatchObject({
      changed: 0,
      failed: 0,
    });
  });

  it('get iPXE from their UEFI over TFTP, and go on to their disk where nobody knows them', async () => {
    const said = /NBP filename is muster\/snponly\.efi[^]*Muster: no machine of the inventory has the card 52:54:00:77:01:51/u;
    await expect.poll(() => uefi?.serial(), { timeout: 200_000, interval: 1000 }).toMatch(said);
    await uefi?.stop();
    uefi = undefined;
  });

  it('boot from the other member while the machine of the primary is off, where the range goes too', async () => {
    await lab.kill(first);
    const [said] = await Promise.all([booted(), holderIs(other(first))]);
    expect(said).toMatch(bootOf(other(first)));
    expect(said).toContain(`Kernel of ${addresses[other(first)]} was started.`);
    expect(await given('02:77:00:00:99:02')).toMatchObject({ address: inRange, server: addresses[other(first)] });
    // Who had one before is given the same, although its lease died with the holder.
    expect(await given('02:77:00:00:99:01')).toMatchObject({ address: given1['address'], server: addresses[other(first)] });
  });

  it('are left to the new holder when the old one is back', async () => {
    await lab.start(first);
    await mayLead(first);
    await expect
      .poll(() => cluster.on(first, 'systemctl is-active muster-dnsmasq muster-dhcp-range; true'), { timeout: 30_000, interval: 500 })
      .toBe('active\nactive');
    expect(await holders()).toEqual([other(first)]);
  });

  it('get addresses of the range from the member that is promoted', async () => {
    const { code, stdout, stderr } = await lab.run(first, ['muster', 'pool', 'promote', first], { timeoutSeconds: 120 });
    expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
    await holderIs(first);
    expect(await given('02:77:00:00:99:03')).toMatchObject({ address: inRange, server: addresses[first] });
  });

  it('boot from the primary while the other member is off, and ask again where a kernel is not to be had', async () => {
    await mayLead(other(first));
    await lab.kill(other(first));
    const kernel = '/var/lib/muster-netboot/vmlinuz';
    await cluster.on(first, `mv ${kernel} /root/kept`);
    const said = await booted(async (machine) => {
      const again = 'Muster: diskless could not boot vmlinuz of';
      await expect.poll(() => machine.serial(), { timeout: 120_000, interval: 500 }).toContain(again);
      await cluster.on(first, `mv /root/kept ${kernel}`);
    });
    expect(said).toMatch(bootOf(first));
    expect(await holders()).toEqual([first]);
    await lab.start(other(first));
    await mayLead(other(first));
  });

  it('lose the range for no more than it takes another to lead when the database of the holder hangs, and have never two', async () => {
    await cluster.on(first, 'pkill -STOP -u postgres');
    await holderIs(other(first));
    await cluster.on(first, 'pkill -CONT -u postgres');
    await mayLead(first);
    expect(await holders()).toEqual([other(first)]);
  });

  it('are served no more after a reset: the hosts are as they were before', async () => {
    writeFileSync(lab.inventoryPath, readFileSync(lab.inventoryPath, 'utf8').replace(diskless, ''));
    expect(await cluster.operator('reset', '--yes')).toMatchObject({ code: 0 });
    // What Patroni's packages had to upgrade stays so: the older one is nowhere to be had.
    const lasting = (state: readonly string[] = []) => state.filter((line) => !/\bperl/u.test(line));
    for (const name of names) expect(lasting(await hostState(cluster, name))).toEqual(lasting(before.get(name)));
  });
});
