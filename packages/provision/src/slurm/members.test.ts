import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterHosts, clusterOf } from '../host/cluster.ts';

const rolesOf = (text: string) =>
  Object.fromEntries(clusterHosts(inventoryOf(text)).map(({ name, roles }) => [name, roles.filter((role) => role.startsWith('slurm'))]));

const guide = '[driver]\nboss\n[worker]\nweb1\nweb2\n';

describe('who is what to Slurm', () => {
  it.each([
    ['nobody, unless it is asked for', guide, { boss: [], web1: [], web2: [] }],
    [
      'the driver and the workers, with install_slurm',
      `${guide}[all:vars]\ninstall_slurm=yes\n`,
      { boss: ['slurm-controller'], web1: ['slurm-node'], web2: ['slurm-node'] },
    ],
    [
      'one worker less, where that says no',
      `${guide.replace('web2', 'web2 install_slurm=false')}[all:vars]\ninstall_slurm=True\n`,
      { boss: ['slurm-controller'], web1: ['slurm-node'], web2: [] },
    ],
    [
      'a controller of its own group instead of the driver',
      `${guide}[slurm_controller]\nweb1\n[all:vars]\ninstall_slurm=yes\n`,
      { boss: [], web1: ['slurm-controller', 'slurm-node'], web2: ['slurm-node'] },
    ],
    [
      'groups alone, without install_slurm',
      `${guide}[slurm_controller]\nboss\n[slurm_node]\nweb2\n`,
      { boss: ['slurm-controller'], web1: [], web2: ['slurm-node'] },
    ],
    [
      'a host of these groups only',
      `${guide}[slurm_controller]\nhead\n[slurm_node]\nbig1\n`,
      { boss: [], web1: [], web2: [], head: ['slurm-controller'], big1: ['slurm-node'] },
    ],
  ])('%s', (_what, text, expected) => {
    expect(rolesOf(text)).toEqual(expected);
  });

  it('counts a host of Slurm alone to the cluster', () => {
    const cluster = clusterOf(inventoryOf(`${guide}[slurm_controller]\nhead\n`));
    expect(cluster.hosts.map(({ name }) => name)).toContain('head');
    expect(cluster.withoutRole).toEqual([]);
  });

  it('refuses nodes without a controller', () => {
    expect(() => clusterOf(inventoryOf(`${guide}[slurm_node]\nweb1\n`))).toThrow(
      /web1 is to be a node of Slurm, and no host is its controller/u,
    );
  });

  it('refuses two controllers, and names both', () => {
    expect(() => clusterOf(inventoryOf(`${guide}[slurm_controller]\nboss\nweb1\n`))).toThrow(
      /the controllers boss and web1\. A backup goes on from the state of the primary.*set slurm_state_folder/u,
    );
  });

  it('refuses an answer that is neither yes nor no, and names the host', () => {
    expect(() => rolesOf(guide.replace('web2', 'web2 install_slurm=perhaps'))).toThrow(
      /web2: install_slurm is "perhaps": write yes or no/u,
    );
  });
});
