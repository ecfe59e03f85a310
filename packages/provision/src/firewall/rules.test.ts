import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { debianOutput, epochSeconds } from '../../test/host-outputs.ts';
import type { HostRun } from '../engine/phase.ts';
import { clusterOf } from '../host/cluster.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { requireFirewallWords, wantedRules } from './rules.ts';

const three = '[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n';

/** The hosts of an inventory as a run knows them; `addresses` says which have another address, or none. */
function runOf(text: string, addresses: Readonly<Record<string, string | undefined>> = {}) {
  const cluster = clusterOf(inventoryOf(text));
  const hosts = cluster.hosts.map((host): HostRun => {
    const address = host.name in addresses ? addresses[host.name] : host.connection.address;
    if (address === undefined) return { host };
    return {
      host,
      address,
      facts: readHostFacts(`${debianOutput(address)}address=eth0 2001:db8::${host.name.at(-1)}\n`, epochSeconds * 1000),
    };
  });
  return { cluster, hosts };
}

function rulesOf(name: string, ...args: Parameters<typeof runOf>): string[] {
  const run = runOf(...args);
  const rules = wantedRules(
    run.hosts.find(({ host }) => host.name === name)!,
    run,
  );
  return rules.map(({ protocol, port, source, owner }) => `${protocol} ${port} from ${source} (${owner})`);
}

describe('what a firewall has to let in', () => {
  it('is the agents and the panel on the driver, from hosts of the inventory, and nothing on a node that serves nobody', () => {
    expect(rulesOf('boss', three)).toEqual([
      'tcp 7421 from 10.0.0.11 (web1)',
      'tcp 7421 from 10.0.0.12 (web2)',
      'tcp 7420 from 10.0.0.11 (web1)',
      'tcp 7420 from 10.0.0.12 (web2)',
    ]);
    expect(rulesOf('web1', three)).toEqual([]);
  });

  it('is what Slurm needs of a node, from each that needs it', () => {
    expect(rulesOf('web1', `${three}[all:vars]\ninstall_slurm=yes\n`)).toEqual([
      'tcp 6818 from 10.0.0.10 (boss)',
      'tcp 6818 from 10.0.0.12 (web2)',
    ]);
  });

  it('is the ports of the hub from everywhere on servers of k3s, and the networks of pods on all its machines', () => {
    const k3s = `${three}[all:vars]\ninstall_k3s=yes\nhttp_port=9000\n`;
    const boss = rulesOf('boss', k3s);
    expect(boss).toEqual(expect.arrayContaining(['tcp 9000 from any (-)', 'tcp 443 from any (-)', 'tcp 6443 from 10.0.0.11 (web1)']));
    expect(boss.filter((rule) => rule.startsWith('tcp 9000'))).toHaveLength(1);
    expect(rulesOf('web1', k3s)).toEqual([
      'udp 8472 from 10.0.0.10 (boss)',
      'udp 8472 from 10.0.0.12 (web2)',
      'tcp 10250 from 10.0.0.10 (boss)',
      'tcp 10250 from 10.0.0.12 (web2)',
      'any any from 10.42.0.0/16 (-)',
      'any any from 10.43.0.0/16 (-)',
    ]);
  });

  it('is the registry, from those that take images from it', () => {
    const text = `${three}[registry]\nweb1\n[docker]\nweb2\n`;
    expect(rulesOf('web1', text)).toEqual(['tcp 5000 from 10.0.0.12 (web2)']);
  });

  it('is what a pool needs among its members', () => {
    const text = `${three.replace('[driver]', '[management]')}[management]\nweb1\nweb2\n`;
    const rules = rulesOf('boss', text);
    for (const port of [23_790, 23_800, 25_432, 28_008]) expect(rules).toContain(`tcp ${port} from 10.0.0.11 (web1)`);
  });

  it('is names and time for nodes, addresses and boot files for everybody, on a server of the network alone', () => {
    const served = three.replace('[worker]', '[all:vars]\nmuster_dns=yes\nmuster_ntp=yes\nmuster_dhcp=yes\nmuster_tftp=yes\n[worker]');
    expect(rulesOf('boss', served).filter((rule) => !rule.startsWith('tcp 742'))).toEqual([
      ...['udp 53', 'tcp 53', 'udp 123'].flatMap((port) => [`${port} from 10.0.0.11 (web1)`, `${port} from 10.0.0.12 (web2)`]),
      'udp 67 from any (-)',
      'udp 69 from any (-)',
    ]);
    expect(rulesOf('web1', served)).toEqual([]);
  });

  it('leaves out a host whose address nobody knows', () => {
    expect(rulesOf('boss', three, { web2: undefined })).toEqual(['tcp 7421 from 10.0.0.11 (web1)', 'tcp 7420 from 10.0.0.11 (web1)']);
  });

  it('has addresses of IPv6, and of a host of the other family those that can be seen', () => {
    const all = { boss: 'fd00::10', web1: 'fd00::11', web2: '10.0.0.12' };
    expect(rulesOf('boss', three, all).filter((rule) => rule.includes('7421'))).toEqual([
      'tcp 7421 from fd00::11 (web1)',
      'tcp 7421 from 2001:db8::2 (web2)',
    ]);
  });

  it('is nothing with muster_firewall=no, and another word than yes and no is refused', () => {
    expect(rulesOf('boss', `${three}[all:vars]\nmuster_firewall=no\n`)).toEqual([]);
    const { hosts } = clusterOf(inventoryOf(`${three}[worker:vars]\nmuster_firewall=perhaps\n`));
    expect(() => requireFirewallWords(hosts)).toThrow('web1: muster_firewall is "perhaps": write yes or no.');
  });
});
