import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { debianOutput, epochSeconds } from '../../test/host-outputs.ts';
import { clusterOf } from './cluster.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import { clusterAddress } from './preflight.ts';

const debian = readHostFacts(debianOutput(), epochSeconds * 1000);
const hostOf = (variables = '') => {
  const { hosts } = clusterOf(inventoryOf(`[driver]\nboss\n[worker]\nweb1 ${variables}\n`));
  return hosts.find((host) => host.name === 'web1')!;
};

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
