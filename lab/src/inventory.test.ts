import { describe, expect, it } from 'vitest';

import { labHost } from './host.ts';
import { inventoryText, knownHostsText } from './inventory.ts';

const hosts = [1, 2, 17].map((index) => labHost('node', index));

describe('inventoryText', () => {
  it('makes the first host the driver and the others workers, each line complete', () => {
    const variables = 'ansible_user=muster-lab ansible_ssh_private_key_file=/k/ssh-key my_iface=eth0';
    expect(inventoryText(hosts, '/k/ssh-key').split('\n').slice(1)).toEqual([
      '[driver]',
      `node1 ansible_host=10.77.1.1 ${variables}`,
      '',
      '[worker]',
      `node2 ansible_host=10.77.1.2 ${variables}`,
      `node17 ansible_host=10.77.1.17 ${variables}`,
      '',
    ]);
  });
});

describe('knownHostsText', () => {
  it('has a line for each key of each host, under all its names', () => {
    const text = knownHostsText(hosts.slice(1), (host) => [`ssh-ed25519 A${host.index}`, `ecdsa B${host.index}`]);
    expect(text.split('\n')).toEqual([
      'node2,10.77.1.2,fd77::1:2 ssh-ed25519 A2',
      'node2,10.77.1.2,fd77::1:2 ecdsa B2',
      'node17,10.77.1.17,fd77::1:11 ssh-ed25519 A17',
      'node17,10.77.1.17,fd77::1:11 ecdsa B17',
      '',
    ]);
  });
});
