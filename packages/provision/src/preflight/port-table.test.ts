import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../host/cluster.ts';
import { judgeReach, type Tried } from './judge-reach.ts';
import { neededPorts, ownPorts, portRoles } from './port-table.ts';
import type { ProbeResult } from './probe.ts';

const hostsOf = (variables = '', more = '') => {
  const text = `[driver]\nboss\n[worker]\nweb1\nweb2\n${more}\n[all:vars]\n${variables}\n`;
  return clusterOf(inventoryOf(text)).hosts;
};
const needsOf = (...args: Parameters<typeof hostsOf>) => {
  const hosts = hostsOf(...args);
  return neededPorts(hosts, portRoles(hosts)).map(({ from, to, protocol, port }) => `${from} -> ${to} ${protocol}/${port}`);
};
const ownOf = (name: string, ...args: Parameters<typeof hostsOf>) => {
  const hosts = hostsOf(...args);
  const host = hosts.find((one) => one.name === name)!;
  return ownPorts(host, portRoles(hosts).get(name)!).map(({ protocol, port }) => `${protocol}/${port}`);
};

describe('the ports that hosts need of each other', () => {
  it('are those of the agents where nothing else is asked for', () => {
    expect(needsOf()).toEqual(['web1 -> boss tcp/7421', 'web2 -> boss tcp/7421']);
    expect([ownOf('boss'), ownOf('web1')]).toEqual([['tcp/7421', 'tcp/7420'], []]);
  });

  it('are those of Slurm too, of its controller and between nodes', () => {
    expect(needsOf('install_slurm=yes').filter((need) => /68/u.test(need))).toEqual([
      'web1 -> boss tcp/6817',
      'web2 -> boss tcp/6817',
      'boss -> web1 tcp/6818',
      'boss -> web2 tcp/6818',
      'web2 -> web1 tcp/6818',
      'web1 -> web2 tcp/6818',
    ]);
  });

  it('are those between two controllers of Slurm too', () => {
    const needs = needsOf('slurm_state_folder=/srv/state', '[slurm_controller]\nboss\nweb1\n');
    expect(needs.filter((need) => need.includes('/68'))).toEqual(['web1 -> boss tcp/6817', 'boss -> web1 tcp/6817']);
  });

  it('are those of the guide where k3s is asked for, each between the hosts that need it', () => {
    const needs = needsOf('install_k3s=yes\nhttp_port=9000\nhttps_port=9443');
    expect(needs.filter((need) => need.startsWith('web1'))).toEqual([
      'web1 -> boss tcp/7421',
      'web1 -> boss tcp/6443',
      'web1 -> boss udp/8472',
      'web1 -> web2 udp/8472',
      'web1 -> boss tcp/10250',
      'web1 -> web2 tcp/10250',
      'web1 -> boss tcp/9000',
      'web1 -> boss tcp/9443',
    ]);
    expect(needs.filter((need) => need.startsWith('boss') && need.includes('6443'))).toEqual([]);
    expect(needs.join()).not.toMatch(/tcp\/23(?:79|80)/u);
    expect(ownOf('web1', 'install_k3s=yes')).toEqual(['udp/8472', 'tcp/10250']);
  });

  it('are those of etcd between several k3s servers, which the group names', () => {
    const needs = needsOf('', '[k3s_server]\nboss\nweb1\nweb3 ansible_host=10.0.0.13\n[k3s_agent]\nweb2');
    expect(needs.filter((need) => /(?:boss -> web1|web1 -> boss) tcp.23(?:79|80)/u.test(need))).toEqual([
      'web1 -> boss tcp/2379',
      'web1 -> boss tcp/2380',
      'boss -> web1 tcp/2379',
      'boss -> web1 tcp/2380',
    ]);
    expect(needs).toContain('boss -> web1 tcp/6443');
    expect(needs).toContain('web2 -> web1 tcp/6443');
  });

  it('leave out a host that does without', () => {
    const hosts = clusterOf(inventoryOf('[driver]\nboss install_k3s=yes\n[worker]\nweb1 install_k3s=yes\nweb2\n')).hosts;
    const needs = neededPorts(hosts, portRoles(hosts));
    expect(needs.filter(({ from, to, port }) => port !== 7421 && (from === 'web2' || to === 'web2'))).toEqual([]);
  });

  it('are refused where a port is none', () => {
    expect(() => needsOf('install_k3s=yes\nhttp_port=80000')).toThrow('boss: http_port is "80000", and no port');
  });
});

describe('who is held for a port that was not reached', () => {
  const tried = (from: string, to: string, result: ProbeResult): Tried => ({ from, to, protocol: 'tcp', port: 6443, result });
  const told = (...all: Tried[]) =>
    Object.fromEntries([...judgeReach(all, 'boss')].map(([name, found]) => [name, found.map(({ text }) => text)]));

  it('is nobody where all answer', () => expect(told(tried('web1', 'boss', 'ok'))).toEqual({}));

  it('is the one that does not get through, where others do', () => {
    expect(told(tried('web1', 'boss', 'ok'), tried('web2', 'boss', 'timeout'))).toEqual({
      web2: ['web2 -> boss tcp/6443: no answer (dropped?)'],
    });
    expect(told(tried('web1', 'boss', 'refused'))).toEqual({ web1: ['web1 -> boss tcp/6443: refused'] });
  });

  it('is the one whom nobody reaches, not those who tried', () => {
    expect(told(tried('boss', 'web1', 'refused'), tried('web2', 'web1', 'timeout'), tried('web1', 'web2', 'ok'))).toEqual({
      web1: ['boss -> web1 tcp/6443: refused', 'web2 -> web1 tcp/6443: no answer (dropped?)'],
    });
  });

  it('is never the driver for what it does not reach', () => {
    expect(told(tried('boss', 'web1', 'unreachable'))).toEqual({
      web1: ['boss -> web1 tcp/6443: unreachable (a firewall forbids it, or there is no route)'],
    });
  });
});
