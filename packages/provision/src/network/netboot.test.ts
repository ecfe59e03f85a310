import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, inventoryOf, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeNetwork } from '../../test/fake-network.ts';
import { apply, clusterOf, phasesFor } from '../index.ts';
import { portRoles, openingsOf } from '../preflight/port-table.ts';
import { readBootFolder } from './boot-folder.ts';
import { netbootFiles, netbootPaths } from './netboot-files.ts';
import { bootFiles, bootNodes, requireNetboot } from './wanted-netboot.ts';

const inventory = `
[management]
m1 ansible_host=10.0.0.1
m2 ansible_host=10.0.0.2
[witness]
w1 ansible_host=10.0.0.3 muster_mac=52:54:00:00:00:03
[worker]
n1 ansible_host=10.0.0.11 muster_mac=52:54:00:00:00:11,52:54:00:00:01:11 muster_boot=kernel muster_boot_kernel=vmlinuz
[worker:vars]
muster_boot_initrd=initrd.img
muster_boot_args=console=ttyS0 root=http://{server}/root.img
[all:vars]
muster_dhcp=yes
muster_tftp=yes
muster_netboot=yes
`;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-boot-'));
  writeFileSync(join(folder, 'vmlinuz'), 'a kernel');
  writeFileSync(join(folder, 'initrd.img'), 'an initrd');
});
afterEach(() => rmSync(folder, { recursive: true }));

const full = (): string => `${inventory}muster_boot_folder=${folder}\n`;
const hostsOf = (text: string) => clusterOf(inventoryOf(text)).hosts;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('what machines boot, as the inventory has it', () => {
  it('is their own disk where nothing else is said, and of machines with a known card only', () => {
    const nodes = bootNodes(hostsOf(full()));
    expect(nodes.map(({ name, boot }) => [name, boot.kind])).toEqual([
      ['n1', 'kernel'],
      ['w1', 'local'],
    ]);
    expect(bootFiles(nodes)).toEqual(['initrd.img', 'vmlinuz']);
    requireNetboot(hostsOf(full()));
    requireNetboot(hostsOf('[driver]\nm1 ansible_host=10.0.0.1\n'));
  });

  it.each([
    ['muster_boot=kernel muster_boot_kernel', 'muster_boot=disk muster_boot_kernel', /n1: muster_boot is "disk": write local or kernel/u],
    ['muster_boot_kernel=vmlinuz', '', /n1: muster_boot is kernel, and muster_boot_kernel names none/u],
    ['muster_boot_kernel=vmlinuz', 'muster_boot_kernel=a,b', /muster_boot_kernel names several: a machine boots one/u],
    ['muster_boot_kernel=vmlinuz', 'muster_boot_kernel=../vmlinuz', /muster_boot_kernel is "\.\.\/vmlinuz": write the name of a file/u],
    ['console=ttyS0', '"a" || shell', /n1: muster_boot_args has a character that iPXE would take for its own/u],
    ['muster_mac=52:54:00:00:00:11,52:54:00:00:01:11', '', /n1: muster_boot is kernel, and no card of it is known: set muster_mac/u],
    ['muster_netboot=yes', 'muster_netboot=no', /n1: muster_boot is kernel, and no management server has muster_netboot=yes/u],
    ['muster_netboot=yes', 'muster_netboot=perhaps', /muster_netboot is "perhaps": write yes or no/u],
    ['muster_tftp=yes', 'muster_tftp=no', /m1: muster_netboot is yes, which takes muster_tftp=yes too/u],
    ['muster_tftp=yes', 'muster_tftp=yes\nmuster_boot_file=x', /m1: muster_boot_file is set, and muster_netboot=yes says itself/u],
    ['10.0.0.2\n', '10.0.0.2 muster_netboot=no\n', /m2: muster_netboot is not yes as for m1: set it once/u],
    ['10.0.0.2\n', '10.0.0.2 muster_boot_folder=/else\n', /m2: muster_boot_folder is not that of m1: set it once/u],
    [/muster_boot_folder=.*/u, '', /m1: muster_boot_folder is not set, and machines are to boot initrd\.img, vmlinuz of it/u],
  ])('is refused with %s as %s', (old, replacement, reason) => {
    expect(() => requireNetboot(hostsOf(full().replace(old, replacement)))).toThrow(reason);
  });

  it('lets everybody come to the boot server through a firewall', () => {
    const hosts = hostsOf(full());
    expect(openingsOf(hosts[0]!, hosts, portRoles(hosts))).toContainEqual({ protocol: 'tcp', port: 28_069, from: undefined });
  });
});

describe('the folder with kernels', () => {
  it('is taken as it is, and held against SHA256SUMS where it has that', async () => {
    const names = ['initrd.img', 'vmlinuz'];
    expect((await readBootFolder('.', names, folder)).map(({ name, source }) => [name, source.sha256])).toEqual([
      ['initrd.img', sha256('an initrd')],
      ['vmlinuz', sha256('a kernel')],
    ]);
    writeFileSync(join(folder, 'SHA256SUMS'), `${sha256('a kernel')}  vmlinuz\n${sha256('an initrd')} *initrd.img\n`);
    expect(await readBootFolder(folder, names)).toHaveLength(2);
    writeFileSync(join(folder, 'SHA256SUMS'), `${sha256('another kernel')}  vmlinuz\n`);
    await expect(readBootFolder(folder, ['gone', ...names])).rejects.toThrow(
      `Machines cannot boot from ${folder} (muster_boot_folder): gone is not there; SHA256SUMS says nothing of initrd.img; vmlinuz has another SHA-256 than SHA256SUMS says. Put the right files there.`,
    );
  });
});

describe('the boot scripts', () => {
  /** The scripts as the member unfolds them, by a real shell, below a folder of the test. */
  function unfolded(text: string): Map<string, string> {
    const files = netbootFiles('10.0.0.1', bootNodes(hostsOf(text)));
    const contentOf = (path: string) => files.find((file) => file.path === path)?.content ?? '';
    writeFileSync(join(folder, 'scripts'), contentOf(netbootPaths.scripts));
    const script = contentOf(netbootPaths.unfold)
      .replaceAll(netbootPaths.scripts, join(folder, 'scripts'))
      .replaceAll('/run/muster-netboot', join(folder, 'served'));
    execFileSync('dash', ['-s'], { input: script });
    const names = readdirSync(join(folder, 'served'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ipxe'));
    return new Map(names.toSorted().map((name) => [name, readFileSync(join(folder, 'served', name), 'utf8')]));
  }

  it('are one for each card, and follow the inventory', () => {
    const scripts = unfolded(full());
    expect([...scripts.keys()]).toEqual([
      'boot.ipxe',
      'nodes/52-54-00-00-00-03.ipxe',
      'nodes/52-54-00-00-00-11.ipxe',
      'nodes/52-54-00-00-01-11.ipxe',
    ]);
    for (const script of scripts.values()) expect(script).toMatch(/^#!ipxe\n/u);
    expect(scripts.get('nodes/52-54-00-00-01-11.ipxe')).toBe(scripts.get('nodes/52-54-00-00-00-11.ipxe'));
    expect(scripts.get('nodes/52-54-00-00-00-11.ipxe')).toContain(
      'kernel ../files/vmlinuz initrd=initrd.img console=ttyS0 root=http://${next-server}/root.img || goto another\ninitrd --name initrd.img ../files/initrd.img || goto another\nboot || goto another\n',
    );
    expect(scripts.get('nodes/52-54-00-00-00-03.ipxe')).toContain('sends w1 to its own disk');
    mkdirSync(join(folder, 'served', '.new'));
    const later = unfolded(full().replace('muster_mac=52:54:00:00:00:03', '').replace('muster_boot=kernel', 'muster_boot=local'));
    expect([...later.keys()]).toEqual(['boot.ipxe', 'nodes/52-54-00-00-00-11.ipxe', 'nodes/52-54-00-00-01-11.ipxe']);
    expect(later.get('nodes/52-54-00-00-00-11.ipxe')).toContain('sends n1 to its own disk');
  });

  it('are the same on all members, whatever their number', () => {
    const cards = Array.from({ length: 1000 }, (_, index) => index.toString(16).padStart(4, '0'));
    const many = cards
      .map((card) => `x${card} ansible_host=10.1.0.1 muster_mac=52:54:01:00:${card.slice(0, 2)}:${card.slice(2)}\n`)
      .join('');
    expect(unfolded(full().replace('[worker]\n', `[worker]\n${many}`)).size).toBe(1004);
    const nodes = bootNodes(hostsOf(full()));
    const [one, two] = ['10.0.0.1', '10.0.0.2'].map((address) => netbootFiles(address, nodes));
    expect(one?.slice(0, 2)).toEqual(two?.slice(0, 2));
  });
});

describe('the boot server in a run', () => {
  let fixture: ClusterFixture;
  let network: ReadonlyMap<string, FakeNetwork>;
  beforeEach(() => {
    fixture = new ClusterFixture(full());
    network = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeNetwork(host)]));
  });
  const phases = phasesFor({ only: ['netboot,dnsmasq'] });

  async function applied(text = full()) {
    const report = new KeptReport();
    for (const host of fixture.hosts.values()) host.forget();
    const limit = new Set(['m1', 'm2']);
    const result = await apply(fixture.options({ phases, limit, cluster: clusterOf(inventoryOf(text)) }), report);
    const told = (name: string) =>
      report.outcomes
        .filter(({ host, phase }) => host === name && phase === 'netboot')
        .flatMap(({ changes }) => changes.map(({ what }) => what));
    return { result, told };
  }

  it('comes with its kernels, and DHCP says what to boot by firmware', async () => {
    const { result, told } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(told('m1')).toEqual([
      'install busybox, ipxe',
      'link iPXE into /srv/tftp/muster',
      `upload initrd.img (SHA-256 ${sha256('an initrd').slice(0, 12)}...)`,
      `upload vmlinuz (SHA-256 ${sha256('a kernel').slice(0, 12)}...)`,
      `write ${netbootPaths.scripts}`,
      `write ${netbootPaths.unfold}`,
      `write ${netbootPaths.unit}`,
      'start muster-netboot.service',
    ]);
    expect(fixture.host('m2').files.get('/var/lib/muster-netboot/vmlinuz')).toBe('a kernel');
    expect(fixture.host('m2').files.get('/etc/muster/dnsmasq/dnsmasq.conf')).toContain(
      'dhcp-boot=tag:ipxe,http://10.0.0.2:28069/boot.ipxe,,10.0.0.2\ndhcp-boot=tag:!ipxe,tag:efi64,muster/snponly.efi,,10.0.0.2\ndhcp-boot=tag:!ipxe,tag:!efi64,muster/undionly.kpxe,,10.0.0.2\n',
    );
  });

  it('is left alone by a second run, and reads other scripts anew without a restart; kernels that nobody boots go', async () => {
    await applied();
    expect((await applied()).told('m1')).toEqual([]);
    network.get('m1')!.done.length = 0;
    const { told } = await applied(full().replace('muster_boot=kernel', 'muster_boot=local'));
    expect(told('m1')).toEqual([
      'remove /var/lib/muster-netboot/initrd.img',
      'remove /var/lib/muster-netboot/vmlinuz',
      `change ${netbootPaths.scripts}`,
      'reload muster-netboot.service',
    ]);
    expect(network.get('m1')!.done).toEqual(['reload muster-netboot.service']);
  });

  it('fails on a member, with what is wrong, where the folder is not as it says', async () => {
    writeFileSync(join(folder, 'SHA256SUMS'), `${sha256('x')}  vmlinuz\n${sha256('an initrd')}  initrd.img\n`);
    const { result } = await applied();
    expect(result.failures.get('m1')?.message).toContain('vmlinuz has another SHA-256 than SHA256SUMS says');
  });

  it('is taken away where it is off, and has scripts that a POSIX shell takes', async () => {
    await applied();
    const scripts = [...fixture.host('m1').sent];
    const { told } = await applied(full().replace('muster_netboot=yes', 'muster_netboot=no').replace('muster_boot=kernel', ''));
    expect(told('m1')).toEqual(['stop and remove muster-netboot.service and what it gave']);
    scripts.push(...fixture.host('m1').sent);
    for (const { label, script } of scripts) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});
