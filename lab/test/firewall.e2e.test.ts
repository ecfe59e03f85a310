import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { installOn } from '../src/package-folder.ts';

const lab = openLab({ name: `firewall-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];
let before: string[][] = [];
let inventory = '';

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  inventory = readFileSync(lab.inventoryPath, 'utf8');
  await Promise.all([installOn(lab, 'node1', ['ufw']), installOn(lab, 'node2', ['netbase', 'firewalld'])]);
  // One of the rules that the cluster will need is there before, and is the administrator's.
  await cluster.on('node1', 'ufw allow 22/tcp && ufw allow from 10.77.1.3 to any port 7420 proto tcp && ufw --force enable');
  await cluster.on('node2', 'systemctl restart firewalld && firewall-cmd --state');
  before = await states();
});

afterAll(() => lab.down());

/** Everything of the three hosts, and what their firewalls say. Packets that rules have counted are no change. */
async function states(): Promise<string[][]> {
  const all = await Promise.all(names.map((name) => hostState(cluster, name)));
  const said = [await ufwRules(), await zones()];
  return [...all, ...said].map((lines) => lines.map((line) => line.replace(/counter packets \d+ bytes \d+/u, 'counter')));
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const ufwRules = async () => linesOf(await cluster.on('node1', 'ufw status; ufw show added'));
const zones = async () => linesOf(await cluster.on('node2', 'firewall-cmd --list-all-zones; firewall-cmd --permanent --list-all-zones'));
const added = async () => (await ufwRules()).filter((line) => line.startsWith('ufw allow from')).toSorted();
const richRules = async () =>
  linesOf(await cluster.on('node2', 'firewall-cmd --list-rich-rules; firewall-cmd --permanent --list-rich-rules')).toSorted();
/** Does something with another inventory, of lines that are made of the lab's. */
async function withInventory<T>(change: (lines: string[]) => string[], work: () => Promise<T>): Promise<T> {
  writeFileSync(lab.inventoryPath, change(inventory.split('\n')).join('\n'));
  try {
    return await work();
  } finally {
    writeFileSync(lab.inventoryPath, inventory);
  }
}

const ours = (address: string, port: number) => `ufw allow from ${address} to any port ${port} proto tcp comment 'muster'`;
const rich = (address: string) =>
  `rule family="${address.includes(':') ? 'ipv6' : 'ipv4'}" source address="${address}" port port="6818" protocol="tcp" accept`;

const portsOnly = ['--only', 'preflight,firewall,reach'];
/** Ports of Slurm, of which nothing has to be installed for its ports to be opened and tried. */
const slurmPorts = [...portsOnly, '-e', 'install_slurm=yes', '-e', 'muster_packages=/nonexistent'];

/** The tests stand in the order of a cluster's life and build on each other. */
describe('hosts with ufw and firewalld', () => {
  it('are refused with both ends of what is closed, where their firewall is not to be touched', async () => {
    const { code, finished } = await cluster.applyJson('--dry-run', '-e', 'muster_firewall=no', ...portsOnly);
    expect(code).toBe(1);
    expect(JSON.stringify(finished)).toMatch(/node\d -> node1 tcp\/7421: no answer \(dropped\?\) \(ports-reachable\)/u);
  });

  it('are shown what would be opened, and stay as they are', async () => {
    const { code, stdout } = await cluster.operator('apply', '--dry-run', '--diff', ...portsOnly);
    expect(code).toBe(0);
    expect(stdout).toContain('node1: would open tcp/7421 in ufw for node2, node3');
    expect(stdout).toContain('+ ufw: allow tcp/7421 from 10.77.1.2 (node2)');
    // The other host has one of the administrator's.
    expect(stdout).toContain('node1: would open tcp/7420 in ufw for node2\n');
    expect(stdout).toContain('the phase firewall opens ufw for them');
    expect([await ufwRules(), await zones()]).toEqual(before.slice(names.length));
    for (const name of names) expect(await cluster.on(name, 'ls /var/lib | grep muster || true')).toBe('');
  });

  it('are opened for addresses of IPv6 where the cluster has these', async () => {
    const { code, finished } = await withInventory(
      (lines) =>
        lines.map((line) => line.replace(/ansible_host=10\.77\.1\.(\d)/u, 'ansible_host=fd77::1:$1').replace(' my_iface=eth0', '')),
      () => cluster.applyJson(...slurmPorts, '--accept-new'),
    );
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 2, failures: [] });
    expect(await added()).toEqual(
      expect.arrayContaining([ours('fd77::1:2', 6817), ours('fd77::1:2', 7420), ours('fd77::1:2', 7421), ours('fd77::1:3', 7421)]),
    );
    // In what runs and in what is kept.
    expect(await richRules()).toEqual([rich('fd77::1:1'), rich('fd77::1:1'), rich('fd77::1:3'), rich('fd77::1:3')]);
  });

  it('become nodes that are good, with rules for the hosts of the inventory alone', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0, failures: [] });
    const nodes = await cluster.nodes();
    expect(names.map((name) => nodes.get(name)?.health.state)).toEqual(['good', 'good', 'good']);
    expect(await added()).toEqual([
      ours('10.77.1.2', 7420),
      ours('10.77.1.2', 7421),
      'ufw allow from 10.77.1.3 to any port 7420 proto tcp',
      ours('10.77.1.3', 7421),
    ]);
    expect(await richRules()).toEqual([]);
  });

  it('are left alone by a second run', async () => {
    const rules = [await ufwRules(), await zones()];
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect([await ufwRules(), await zones()]).toEqual(rules);
  });

  it('are opened to the end by a second run after one that was killed while it opened them', async () => {
    const open = cluster.argv('apply', ['-o', 'json', ...slurmPorts]);
    const child = lab.spawnIn(open);
    const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
    child.stderr.resume();
    child.stdout.on('data', (data: Buffer) => {
      if (data.toString().includes('"phase":"firewall"')) child.kill('SIGKILL');
    });
    await closed;
    const { code, events } = await cluster.applyJson(...slurmPorts);
    expect({ code, failed: events.at(-1)?.['failed'] }).toEqual({ code: 0, failed: 0 });
    expect(await added()).toContain(ours('10.77.1.2', 6817));
    expect(await richRules()).toEqual([rich('10.77.1.1'), rich('10.77.1.1'), rich('10.77.1.3'), rich('10.77.1.3')]);
    expect((await cluster.applyJson(...slurmPorts)).finished).toMatchObject({ changed: 0, failed: 0 });
  });

  it('are closed to a host that has left the inventory', async () => {
    const { code, finished } = await withInventory(
      (lines) => lines.filter((line) => !line.startsWith('node3 ')),
      () => cluster.applyJson(...slurmPorts),
    );
    expect({ code, ...finished }).toMatchObject({ code: 0, failures: [] });
    const own = 'ufw allow from 10.77.1.3 to any port 7420 proto tcp';
    expect(await added()).toEqual([ours('10.77.1.2', 6817), ours('10.77.1.2', 7420), ours('10.77.1.2', 7421), own]);
    expect(await richRules()).toEqual([rich('10.77.1.1'), rich('10.77.1.1')]);
  });

  it('are as they were before, rules and files, after a reset', async () => {
    const reset = await cluster.operator('reset', '--yes');
    expect({ code: reset.code, stdout: reset.stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3 hosts: 3 changed') as string,
    });
    expect(await states()).toEqual(before);
    expect((await cluster.operator('reset', '--yes')).stdout).toContain('3 hosts: nothing changed');
  });
});
