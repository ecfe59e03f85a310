import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterHosts, clusterOf, loginOf } from './cluster.ts';
import { listVariable, textVariable } from './variables.ts';

const sample = readFileSync(join(import.meta.dirname, '../../../core/src/inventory/cases/convecthub-sample/inv.toml'), 'utf8');
const home = '/home/operator';
const hostOf = (line: string) => clusterOf(inventoryOf(`[driver]\n${line}\n`)).driver!;

describe('the cluster of the ConvectHub sample', () => {
  const cluster = clusterOf(inventoryOf(sample));

  it('has its driver and its workers', () => {
    expect(cluster.driver?.name).toBe('master');
    expect(cluster.hosts.map(({ name, roles }) => [name, roles])).toEqual([
      ['worker2', ['worker', 'k3s-agent']],
      ['worker1', ['worker', 'k3s-agent']],
      ['master', ['driver', 'k3s-server', 'registry']],
    ]);
    expect(cluster.withoutRole).toEqual([]);
    expect(cluster.driver?.groups).toEqual(['driver', 'registry']);
  });

  it('is logged in to as it says', () => {
    expect(cluster.hosts.map((host) => loginOf(host, home))).toEqual([
      { name: 'worker2', address: '127.0.0.1', port: 2201, user: 'vagrant', privateKeyFile: '/home/operator/.ssh/id_rsa' },
      { name: 'worker1', address: '127.0.0.1', port: 2200, user: 'vagrant', privateKeyFile: '/home/operator/.ssh/id_rsa' },
      { name: 'master', address: '127.0.0.1', port: 2222, user: 'vagrant', privateKeyFile: '/home/operator/.ssh/id_rsa' },
    ]);
  });

  it('has its variables, of hosts over those of all', () => {
    const [worker2, worker1] = cluster.hosts;
    expect([textVariable(worker2!, 'has_gpu'), textVariable(worker1!, 'has_gpu')]).toEqual(['true', 'false']);
    expect(textVariable(worker1!, 'my_iface')).toBe('eth1');
  });
});

describe('a cluster', () => {
  it.each([
    ['no host at all', ''],
    ['only workers', '[worker]\nweb1\n'],
    ['an empty group', '[driver]\n[worker]\nweb1\n'],
  ])('without a driver is refused: %s', (_what, text) => {
    expect(() => clusterOf(inventoryOf(text))).toThrow(/no host in the group \[driver\]/u);
  });

  it('has its first management server as the driver, and all of them by the side of it', () => {
    const pool = clusterOf(inventoryOf('[management]\na\nb\n[witness]\nc\n[worker]\nd\n'));
    expect([pool.driver?.name, pool.management.map(({ name }) => name)]).toEqual(['a', ['a', 'b']]);
    const alone = clusterOf(inventoryOf('[driver]\na\n[worker]\nb\n'));
    expect([alone.driver?.name, alone.management.map(({ name }) => name)]).toEqual(['a', ['a']]);
  });

  it('leaves alone hosts without a role, and tells which', () => {
    const cluster = clusterOf(inventoryOf('lonely\n[driver]\na\n[worker]\na\nb\n[other]\nc\n'));
    expect(cluster.hosts.map(({ name, roles }) => [name, roles])).toEqual([
      ['a', ['driver', 'worker']],
      ['b', ['worker']],
    ]);
    expect(cluster.withoutRole).toEqual(['lonely', 'c']);
    expect(clusterHosts(inventoryOf('lonely\n')).map((host) => host.roles)).toEqual([[]]);
  });

  it('takes hosts of groups below the groups of a role', () => {
    const cluster = clusterOf(inventoryOf('[driver]\na\n[rack1]\nb\n[worker:children]\nrack1\n'));
    expect(cluster.hosts.map((host) => host.name)).toEqual(['a', 'b']);
  });
});

describe('where to log in', () => {
  it('stays open where the inventory says nothing', () => {
    expect(loginOf(hostOf('web1'), home)).toEqual({ name: 'web1', address: 'web1' });
  });

  it('takes along arguments for ssh, whether keys are checked, and a time limit', () => {
    const host = hostOf("web1 ansible_ssh_common_args='-J gate' ansible_ssh_timeout=7 ansible_host_key_checking=no");
    expect(loginOf(host, home)).toMatchObject({ sshArguments: ['-J gate'], connectTimeoutSeconds: 7, isHostKeyChecked: false });
  });

  it.each([
    ['~/.ssh/key', '/home/operator/.ssh/key'],
    ['~', '/home/operator'],
    ['/keys/~key', '/keys/~key'],
    ['~other/key', '~other/key'],
  ])('expands the home in %s', (file, expanded) => {
    expect(loginOf(hostOf(`web1 ansible_private_key_file=${file}`), home).privateKeyFile).toBe(expanded);
  });

  it('takes along a password', () => {
    expect(loginOf(hostOf('web1 ansible_password=pw'), home).password).toBe('pw');
  });

  it.each(['ssh', 'paramiko', 'smart'])('takes %s for SSH', (way) => {
    expect(loginOf(hostOf(`web1 ansible_connection=${way}`), home).address).toBe('web1');
  });

  it.each(['auto', 'ssh2', 'openssh'])('goes by the transport %s', (transport) => {
    expect(loginOf(hostOf(`web1 muster_transport=${transport}`), home).transport).toBe(transport);
  });

  it('does not go by a transport that is none', () => {
    expect(() => loginOf(hostOf('web1 muster_transport=rsh'), home)).toThrow('web1: muster_transport=rsh is none of auto, ssh2, openssh.');
  });

  it.each(['local', 'winrm', 'docker'])('does not take %s', (way) => {
    expect(() => loginOf(hostOf(`web1 ansible_connection=${way}`), home)).toThrow(`web1: ansible_connection=${way} is not supported`);
  });
});

describe('a variable of a host', () => {
  it('is text, or nothing where it is empty or not there', () => {
    expect(textVariable(hostOf('a x=1'), 'x')).toBe('1');
    expect(textVariable(hostOf("a x=''"), 'x')).toBeUndefined();
    expect(textVariable(hostOf('a'), 'x')).toBeUndefined();
  });

  it.each([
    ['x=a,b', ['a', 'b']],
    ["x=' a , b ,'", ['a', 'b']],
    [`x="['a', 'b ', '']"`, ['a', 'b']],
    ['x="[1, True, 1.0]"', ['1', 'True', '1.0']],
    ['x=","', []],
    ["x=''", undefined],
    ['', undefined],
  ])('is a list by %s', (text, list) => expect(listVariable(hostOf(`a ${text}`), 'x')).toEqual(list));
});
