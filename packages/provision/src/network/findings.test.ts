import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { networkInventory } from '../../test/fake-network.ts';
import { debianOutput, epochSeconds } from '../../test/host-outputs.ts';
import { clusterOf } from '../host/cluster.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { networkFindings } from './findings.ts';

const cluster = clusterOf(inventoryOf(networkInventory));

/** What is found on a host with these listeners, each as the detect script prints it. */
function found(name: string, listeners: readonly string[] = [], interfaceText = '24'): string[] {
  const host = cluster.hosts.find((one) => one.name === name)!;
  const { address } = host.connection;
  const output = debianOutput(address, name).replace(`eth0 ${address}`, `eth0 ${address} ${interfaceText}`);
  const facts = readHostFacts(`${output}${listeners.map((line) => `listener=${line}\n`).join('')}`, epochSeconds * 1000);
  return networkFindings({ host, facts, address }, { cluster }).map(({ text }) => text);
}

describe('the preflight of the services of the network', () => {
  it('finds nothing on hosts that are as they should be', () => {
    expect([found('m1'), found('w1')]).toEqual([[], []]);
  });

  it('names who has a port on the address of the network, or on all', () => {
    expect(found('m1', ['udp 0.0.0.0:53 9 named.service named', 'tcp 10.0.0.1:53 9 named.service named', 'udp *:67 8 - dhcpd'])).toEqual([
      'its port udp and tcp/53 is held by named of named.service: stop that, or leave it the work',
      'its port udp/67 is held by dhcpd: stop that, or leave it the work',
    ]);
    expect(found('w1', ['udp 0.0.0.0:123 7 ntpsec.service ntpd'])).toEqual([
      'its port udp/123 is held by ntpd of ntpsec.service: stop that, or leave it the work',
    ]);
  });

  it('leaves alone who listens elsewhere, or is ours', () => {
    const listeners = [
      'udp 127.0.0.53%lo:53 5 systemd-resolved.service systemd-resolve',
      'udp 192.168.122.1:53 6 libvirtd.service dnsmasq',
      'udp 0.0.0.0%eth0:67 4 muster-dnsmasq.service dnsmasq',
      'udp 0.0.0.0:123 4 chrony.service chronyd',
    ];
    expect(found('m1', listeners)).toEqual([]);
  });

  it('asks for a network that has room for what DHCP gives', () => {
    expect(found('m1', [], '29')).toEqual([
      'its muster_dhcp_range 10.0.0.100-10.0.0.200 is not in the network 10.0.0.0/29 of its interface eth0',
    ]);
    expect(found('m1', [], '')).toEqual(["it has no IPv4 address in the cluster's network for DNS, DHCP and TFTP: set my_iface for it"]);
  });
});
