import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { alpineOutput, debianOutput, epochSeconds, rockyOutput, ubuntuArmOutput, withoutIpOutput } from '../../test/host-outputs.ts';
import { clusterOf } from '../host/cluster.ts';
import { type HostFacts, type Listener, readHostFacts } from '../host/host-facts.ts';
import { busyPorts } from './busy-ports.ts';
import { clockBesideDriver, hostFindings, sharedFindings } from './host-checks.ts';
import { judgeSources } from './package-sources.ts';

const gib = 1024 ** 3;
const factsOf = (output: string): HostFacts => readHostFacts(output, epochSeconds * 1000);
const debian = factsOf(debianOutput());
const hostOf = (variables = '', group = 'worker', name = 'web1') => {
  const { hosts } = clusterOf(
    inventoryOf(group === 'driver' ? `[driver]\n${name} ${variables}\n` : `[driver]\nboss\n[${group}]\n${name} ${variables}\n`),
  );
  return hosts.find((host) => host.name === name)!;
};
const told = (facts: HostFacts, { host = hostOf(), isForK3s = false } = {}): string[] =>
  hostFindings(host, facts, isForK3s).map(({ check, level, text }) => `${level} ${check}: ${text}`);

describe('what stands in the way of a host', () => {
  it.each([
    ['Debian', debianOutput()],
    ['Ubuntu on arm64', ubuntuArmOutput],
    ['Rocky', rockyOutput],
    ['one without the ip command', withoutIpOutput],
  ])('is nothing on %s', (_what, output) => expect(told(factsOf(output))).toEqual([]));

  it('is told all at once, each with the name of its check', () => {
    expect(told(factsOf(alpineOutput), { host: hostOf('my_iface=eth7') })).toEqual([
      expect.stringContaining('warning os: its system is Alpine Linux v3.22, which is not supported'),
      expect.stringContaining('error glibc: its C library is not glibc'),
      expect.stringContaining('error systemd: it does not run systemd'),
      'error tools: it lacks systemctl, useradd',
      'error memory: it has 1.0 GiB of memory and needs 4 GB',
      'error disk: /opt has 97 MiB free and needs 512',
      'error disk: /var/lib has 0 MiB free and needs 512',
      'error interface: it has no interface eth7 (my_iface) with an address; it has lo, eth0',
      'warning default-route: it has no default route',
    ]);
  });

  const os = (osId: string, osVersion: string): Partial<HostFacts> => ({ osId, osVersion, osName: `${osId} ${osVersion}` });
  const rows: { what: string; change: Partial<HostFacts>; finding: string | undefined }[] = [
    { what: 'another processor', change: { architecture: 'riscv64' }, finding: 'error architecture: its processor (riscv64) is neither' },
    { what: 'an old C library', change: { glibc: '2.27' }, finding: 'error glibc: its C library is glibc 2.27' },
    { what: 'the oldest C library that will do', change: { glibc: '2.28' }, finding: undefined },
    { what: 'a C library of another age', change: { glibc: '1.99' }, finding: 'error glibc: its C library is glibc 1.99' },
    { what: 'a C library of the future', change: { glibc: '3.0' }, finding: undefined },
    { what: 'a clock a little behind', change: { clockSkewSeconds: -30 }, finding: undefined },
    { what: 'a clock that goes wrong', change: { clockSkewSeconds: -240 }, finding: 'warning clock: its clock is 240 s behind this' },
    { what: 'a clock behind', change: { clockSkewSeconds: -241 }, finding: "error clock: its clock is 241 s behind this machine's" },
    { what: 'a clock ahead', change: { clockSkewSeconds: 3600.4 }, finding: "error clock: its clock is 3600 s ahead of this machine's" },
    { what: 'a full /var', change: { freeVarBytes: 0 }, finding: 'error disk: /var/lib has 0 MiB free and needs 512' },
    { what: 'just enough space', change: { freeOptBytes: gib / 2, freeVarBytes: gib / 2 }, finding: undefined },
    {
      what: 'a small disk',
      change: { sizeVarBytes: 8 * 10 ** 9 },
      finding: 'error disk: the file system of /var/lib has 8.0 GB in all and needs 10',
    },
    { what: 'a disk of 10 GB, less its file system', change: { sizeVarBytes: 9.3 * 10 ** 9 }, finding: undefined },
    { what: 'no tar', change: { missingTools: ['tar'] }, finding: 'error tools: it lacks tar' },
    { what: 'one core', change: { cores: 1 }, finding: 'error cores: it has 1 processor core and needs 2' },
    { what: 'two cores', change: { cores: 2 }, finding: undefined },
    { what: 'little memory', change: { memoryBytes: 2 * gib }, finding: 'error memory: it has 2.0 GiB of memory and needs 4 GB' },
    { what: '4 GB, less what the kernel keeps', change: { memoryBytes: 3.6 * gib }, finding: undefined },
    { what: 'no default route', change: { hasDefaultRoute: false }, finding: 'warning default-route: it has no default route' },
    { what: 'swap and no k3s', change: { swapBytes: gib, cgroup: 'none' }, finding: undefined },
    { what: 'Debian 11', change: os('debian', '11'), finding: undefined },
    { what: 'Debian 10', change: os('debian', '10'), finding: 'error os: its system is debian 10, too old for the runtime' },
    { what: 'Debian testing', change: os('debian', ''), finding: undefined },
    { what: 'Ubuntu 16.04', change: os('ubuntu', '16.04'), finding: 'error os: its system is ubuntu 16.04, too old for the runtime' },
    { what: 'Ubuntu 18.04', change: os('ubuntu', '18.04'), finding: undefined },
    { what: 'Ubuntu 24.10', change: os('ubuntu', '24.10'), finding: undefined },
    { what: 'Rocky 8', change: os('rocky', '8.10'), finding: 'error os: its system is rocky 8.10, too old' },
    { what: 'CentOS Stream 9', change: os('centos', '9'), finding: undefined },
    { what: 'another system', change: os('arch', ''), finding: 'warning os: its system is arch , which is not supported' },
  ];
  it.each(rows)('is on a worker with $what: $finding', ({ change, finding }) => {
    expect(told({ ...debian, ...change })).toEqual(finding === undefined ? [] : [expect.stringContaining(finding)]);
  });

  it('is more on a driver, which has a database', () => {
    expect(told({ ...debian, freeOptBytes: gib - 1 }, { host: hostOf('', 'driver', 'boss') })).toEqual([
      'error disk: /opt has 1023 MiB free and needs 1024',
    ]);
  });

  it('is a warning where the guide asks for nothing, as of a machine of Slurm alone', () => {
    const host = clusterOf(inventoryOf('[driver]\nboss\n[slurm_controller]\nboss\n[slurm_node]\nfat\n')).hosts.find(
      ({ name }) => name === 'fat',
    )!;
    expect(told({ ...debian, cores: 1 }, { host })).toEqual(['warning cores: it has 1 processor core and needs 2']);
  });

  it('is an interface that is not there, or not the one it is reached by', () => {
    expect(told(debian, { host: hostOf('my_iface=eth1') })).toEqual([]);
    expect(told(factsOf(withoutIpOutput), { host: hostOf('my_iface=eth1') })).toEqual([
      'error interface: it has no interface eth1 (my_iface) with an address; it has none',
    ]);
    expect(told(debian, { host: hostOf('my_iface=eth1 ansible_host=10.0.0.11') })).toEqual([
      'warning interface: it is reached by 10.0.0.11, which is on eth0 and not on eth1 (my_iface)',
    ]);
  });

  it.each(['node_1', 'Web1'])('is the name %s, which no node may have', (name) => {
    expect(told(debian, { host: hostOf('', 'worker', name) })).toEqual([
      expect.stringMatching(/^error node: as a node it cannot have this name: a node name has lower-case letters/u),
    ]);
  });
});

describe('what stands in the way of k3s', () => {
  const rows: { what: string; change: Partial<HostFacts>; finding: string | undefined }[] = [
    { what: 'nothing on Debian', change: {}, finding: undefined },
    { what: 'nothing with control groups v1', change: { cgroup: 'v1' }, finding: undefined },
    { what: 'a kernel without control groups', change: { cgroup: 'none' }, finding: 'error cgroups: it has no control groups' },
    {
      what: 'memory that is not counted',
      change: { cgroup: 'v2-without-memory' },
      finding: 'error cgroups: its control groups do not count memory',
    },
    { what: 'swap', change: { swapBytes: 2 * gib }, finding: 'warning swap: it has 2.0 GiB of swap' },
    {
      what: 'no default route',
      change: { hasDefaultRoute: false },
      finding: 'error default-route: it has no default route, without which k3s',
    },
  ];
  it.each(rows)('is $what', ({ change, finding }) => {
    expect(told({ ...debian, ...change }, { isForK3s: true })).toEqual(finding === undefined ? [] : [expect.stringContaining(finding)]);
  });
});

describe('clocks of two hosts', () => {
  it('may each be near ours and too far from each other', () => {
    const driver = { ...debian, clockSkewSeconds: 200 };
    expect(clockBesideDriver({ ...debian, clockSkewSeconds: -41 }, driver)).toMatchObject([
      { level: 'error', text: expect.stringContaining("its clock is 241 s behind the driver's") },
    ]);
    expect(clockBesideDriver({ ...debian, clockSkewSeconds: -40 }, driver)).toEqual([]);
    expect(clockBesideDriver(debian, undefined)).toEqual([]);
  });
});

describe('clones of one image', () => {
  const web = (i: number, change = {}) => ({
    name: `web${i}`,
    hostname: `web${i}`,
    address: `10.0.0.${i}`,
    machineId: `id${i}`,
    ...change,
  });

  it('are named with what they share, each with the others', () => {
    const all = [web(1, { machineId: 'same' }), web(2, { machineId: 'same', hostname: 'web3' }), web(3)];
    const of = (i: number) => sharedFindings(all[i]!, all).map(({ check, text }) => `${check}: ${text}`);
    expect(of(0)).toEqual([expect.stringContaining('machine-id: it has the same machine id same as web2: clones of one image')]);
    expect(of(1)).toEqual([
      expect.stringContaining('hostname: it has the same hostname web3 as web3'),
      expect.stringContaining('machine-id: it has the same machine id same as web1'),
    ]);
    expect(of(2)).toEqual([expect.stringContaining('hostname: it has the same hostname web3 as web2')]);
  });

  it('are counted where they are many, and silence is nothing that two share', () => {
    const all = Array.from({ length: 20 }, (_, i) => web(i, { address: '10.0.0.1', machineId: '' }));
    expect(sharedFindings(all[0]!, all).map(({ text }) => text)).toEqual([
      'it has the same address 10.0.0.1 as web1, web2, web3, web4, web5 and 14 more: one of them is wrong',
    ]);
  });
});

describe('a port that the host will listen on', () => {
  const listener = (change: Partial<Listener>): Listener => ({
    protocol: 'tcp',
    address: '0.0.0.0',
    port: 6443,
    pid: '812',
    unit: 'nginx.service',
    process: 'nginx',
    ...change,
  });
  const ports = [
    { protocol: 'tcp' as const, port: 6443, units: ['k3s.service'] },
    { protocol: 'udp' as const, port: 8472, units: ['k3s.service'] },
  ];
  const of = (...listeners: Listener[]) => busyPorts(ports, { ...debian, listeners }).map(({ text }) => text);

  it('is held by another program, which is named', () => {
    expect(of(listener({}), listener({ address: '[::]' }))).toEqual([
      'its port tcp/6443 is held by nginx (process 812 of nginx.service) on 0.0.0.0 and nginx (process 812 of nginx.service) on [::]',
    ]);
    expect(of(listener({ pid: '', unit: '', process: '' }))).toEqual([
      'its port tcp/6443 is held by a program that is not named, on 0.0.0.0',
    ]);
    expect(of(listener({ unit: '' }))).toEqual(['its port tcp/6443 is held by nginx (process 812) on 0.0.0.0']);
  });

  it('is free, or held by whom it is for', () => {
    expect(of()).toEqual([]);
    expect(of(listener({ port: 6444 }), listener({ protocol: 'udp' }), listener({ unit: 'k3s.service', process: 'k3s-server' }))).toEqual(
      [],
    );
    expect(of(listener({ protocol: 'udp', port: 8472, pid: '' }), listener({ process: 'muster-probe', unit: '' }))).toEqual([]);
  });
});

describe('the package sources of a host', () => {
  const of = (output: string) => judgeSources(output).map(({ level, text }) => `${level}: ${text}`);

  it('are of no interest where nothing is installed from them', () => expect(of('')).toEqual([]));
  it('answer', () => expect(of('asked=yes\nlive=http://deb.example\n')).toEqual([]));
  it('are none', () => expect(of('asked=yes\n')).toEqual([expect.stringContaining('error: it has no package source')]));
  it('are silent, all or some', () => {
    expect(of('asked=yes\ndead=http://deb.example\n')).toEqual([
      expect.stringContaining('error: of its package sources http://deb.example does not answer'),
    ]);
    expect(of('asked=yes\ndead=http://a\nlive=http://b\ndead=http://c\n')).toEqual([
      expect.stringContaining('warning: of its package sources http://a, http://c do not answer'),
    ]);
  });
});
