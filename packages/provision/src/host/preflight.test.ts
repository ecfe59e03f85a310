import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { alpineOutput, debianOutput, epochSeconds, rockyOutput, ubuntuArmOutput, withoutIpOutput } from '../../test/host-outputs.ts';
import { clusterOf } from './cluster.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import type { Run } from '../engine/phase.ts';
import { preflightPhase } from '../phases/preflight.ts';
import { clusterAddress, preflightProblems } from './preflight.ts';

const gib = 1024 ** 3;
const factsOf = (output: string): HostFacts => readHostFacts(output, epochSeconds * 1000);
const debian = factsOf(debianOutput());
const hostOf = (variables = '', group = 'worker', name = 'web1') => {
  const { hosts } = clusterOf(
    inventoryOf(group === 'driver' ? `[driver]\n${name} ${variables}\n` : `[driver]\nboss\n[worker]\n${name} ${variables}\n`),
  );
  return hosts.find((host) => host.name === name)!;
};

describe('what stands in the way of a host', () => {
  it.each([
    ['Debian', debianOutput()],
    ['Ubuntu on arm64', ubuntuArmOutput],
    ['Rocky', rockyOutput],
    ['one without the ip command', withoutIpOutput],
  ])('is nothing on %s', (_what, output) => expect(preflightProblems(hostOf(), factsOf(output))).toEqual([]));

  it('is told all at once', () => {
    const problems = preflightProblems(hostOf('my_iface=eth7'), factsOf(alpineOutput));
    expect(problems).toEqual([
      expect.stringContaining('its C library is not glibc'),
      expect.stringContaining('it does not run systemd'),
      'it lacks systemctl, useradd',
      '/opt has 98 MiB free and needs 512',
      '/var/lib has 0 MiB free and needs 512',
      'it has no interface eth7 (my_iface) with an address; it has lo, eth0',
    ]);
  });

  const rows: { what: string; change: Partial<HostFacts>; problem: string | undefined }[] = [
    { what: 'another processor', change: { architecture: 'riscv64' }, problem: 'its processor (riscv64) is neither' },
    { what: 'an old C library', change: { glibc: '2.27' }, problem: 'its C library is glibc 2.27' },
    { what: 'the oldest C library that will do', change: { glibc: '2.28' }, problem: undefined },
    { what: 'a C library of another age', change: { glibc: '1.99' }, problem: 'its C library is glibc 1.99' },
    { what: 'a C library of the future', change: { glibc: '3.0' }, problem: undefined },
    { what: 'a clock a little behind', change: { clockSkewSeconds: -240 }, problem: undefined },
    { what: 'a clock behind', change: { clockSkewSeconds: -241 }, problem: "its clock is 241 s behind this machine's" },
    { what: 'a clock ahead', change: { clockSkewSeconds: 3600.4 }, problem: "its clock is 3600 s ahead of this machine's" },
    { what: 'a full /var', change: { freeVarBytes: 0 }, problem: '/var/lib has 0 MiB free and needs 512' },
    { what: 'just enough space', change: { freeOptBytes: gib / 2, freeVarBytes: gib / 2 }, problem: undefined },
    { what: 'no tar', change: { missingTools: ['tar'] }, problem: 'it lacks tar' },
  ];
  it.each(rows)('is on a worker with $what: $problem', ({ change, problem }) => {
    const problems = preflightProblems(hostOf(), { ...debian, ...change });
    expect(problems).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
  });

  it('is more on a driver, which has a database', () => {
    const problems = preflightProblems(hostOf('', 'driver', 'boss'), { ...debian, freeOptBytes: gib - 1 });
    expect(problems).toEqual(['/opt has 1024 MiB free and needs 1024']);
  });

  it('is an interface that is not there', () => {
    expect(preflightProblems(hostOf('my_iface=eth1'), debian)).toEqual([]);
    expect(preflightProblems(hostOf('my_iface=eth1'), factsOf(withoutIpOutput))).toEqual([
      'it has no interface eth1 (my_iface) with an address; it has none',
    ]);
  });

  it.each(['node_1', 'Web1'])('is the name %s, which no node may have', (name) => {
    expect(preflightProblems(hostOf('', 'worker', name), debian)).toEqual([
      expect.stringMatching(/^as a node it cannot have this name: a node name has lower-case letters/u),
    ]);
  });
});

describe("a host's address in the cluster's network", () => {
  const addresses = (...list: string[]) => list.map((one) => ({ interface: one.split(' ')[0] ?? '', address: one.split(' ')[1] ?? '' }));

  const rows: { what: string; variables?: string; change: Partial<HostFacts>; address: string | undefined }[] = [
    { what: 'the one from which it reaches others', change: {}, address: '10.0.0.11' },
    { what: 'the one of my_iface', variables: 'my_iface=eth1', change: {}, address: '192.168.50.4' },
    { what: 'none where my_iface has none', variables: 'my_iface=eth9', change: {}, address: undefined },
    { what: 'never the loopback, even as my_iface', variables: 'my_iface=lo', change: {}, address: undefined },
    { what: 'the one we reach it by, when it has it', variables: 'ansible_host=192.168.50.4', change: {}, address: '192.168.50.4' },
    { what: 'not the one we reach it by, when that is forwarded', variables: 'ansible_host=127.0.0.1', change: {}, address: '10.0.0.11' },
    {
      what: 'not the one we reach it by, when another host has it',
      variables: 'ansible_host=203.0.113.9',
      change: {},
      address: '10.0.0.11',
    },
    {
      what: 'IPv4 before IPv6 on my_iface',
      variables: 'my_iface=eth0',
      change: { addresses: addresses('eth0 fe80::1', 'eth0 2001:db8::1', 'eth0 10.1.1.1') },
      address: '10.1.1.1',
    },
    {
      what: 'IPv6 where there is nothing else',
      change: { routeAddress: '', addresses: addresses('lo ::1', 'eth0 fe80::1', 'eth0 2001:db8::1') },
      address: '2001:db8::1',
    },
    { what: 'the first usable without a route', change: { routeAddress: '' }, address: '10.0.0.11' },
    { what: 'no route that is not on one of its interfaces', change: { routeAddress: '203.0.113.9' }, address: '10.0.0.11' },
    { what: 'no route that is no address', change: { routeAddress: 'not an ip\u001B[2J' }, address: '10.0.0.11' },
    {
      what: 'no loopback, whatever the host calls the interface',
      change: { routeAddress: '127.0.0.1', addresses: addresses('eth0 127.0.0.1') },
      address: undefined,
    },
    { what: 'none where there is none', change: { routeAddress: '', addresses: [] }, address: undefined },
  ];
  it.each(rows)('is $what: $address', ({ variables, change, address }) => {
    expect(clusterAddress(hostOf(variables), { ...debian, ...change })).toBe(address);
  });

  it('is the one it was reached by, where the SSH configuration knows better than the inventory', () => {
    const facts = { ...debian, addresses: addresses('eth0 10.0.0.11', 'eth1 10.7.0.11') };
    expect(clusterAddress(hostOf('ansible_host=alias'), facts, '10.7.0.11')).toBe('10.7.0.11');
    expect(clusterAddress(hostOf('ansible_host=alias'), facts, '10.9.9.9')).toBe('10.0.0.11');
  });
});

describe('two hosts with one address', () => {
  it('are both refused, each with the name of the other', async () => {
    const hosts = ['worker1', 'worker2', 'worker3'].map((name, i) => ({
      host: { ...hostOf(''), name },
      facts: debian,
      address: i < 2 ? '10.0.0.11' : '10.0.0.12',
    }));
    const run = { hosts } as unknown as Run;
    await expect(preflightPhase.observe(hosts[0]!, run)).rejects.toThrow(
      'worker1 cannot be used: it has the same address 10.0.0.11 as worker2.',
    );
    await expect(preflightPhase.observe(hosts[1]!, run)).rejects.toThrow('as worker1');
    await expect(preflightPhase.observe(hosts[2]!, run)).resolves.toBeUndefined();
  });
});
