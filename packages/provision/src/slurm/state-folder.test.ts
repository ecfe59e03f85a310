import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../host/cluster.ts';
import { sharedFolderOf } from './state-folder.ts';

const clusterWith = (vars: string, hosts = 'boss\nspare') =>
  clusterOf(inventoryOf(`[driver]\nboss\n[worker]\nspare\n[slurm_controller]\n${hosts}\n[slurm_controller:vars]\n${vars}\n`));
const folderOf = (path: string) =>
  sharedFolderOf(clusterWith(`slurm_state_folder=${path}`, 'boss').hosts.find(({ name }) => name === 'boss')!);

describe('slurm_state_folder', () => {
  it.each([
    ['/srv/slurm-state', '/srv/slurm-state'],
    ['/nfs/a_b/slurm.1//', '/nfs/a_b/slurm.1'],
    ['/var/lib/slurm-shared', '/var/lib/slurm-shared'],
  ])('may be %s', (path, folder) => expect(folderOf(path)).toBe(folder));

  it.each([
    'srv/state',
    '/',
    '/srv',
    '/srv/../etc',
    '/etc/slurm',
    '/tmp/state',
    '/run/x',
    '/usr',
    '/lib64/x',
    '/srv/a;b',
    '/srv/$x',
    '/var/lib/slurm/slurmctld',
  ])('is refused as %s, with an example', (path) => expect(() => folderOf(path)).toThrow(/slurm_state_folder is ".*\/srv\/slurm-state/u));

  it('is not needed by one controller', () => {
    expect(clusterWith('x=1', 'boss').slurmControllers).toEqual(['boss']);
  });

  it('lets several hosts be controllers, in the order of their group', () => {
    expect(clusterWith('slurm_state_folder=/srv/state').slurmControllers).toEqual(['boss', 'spare']);
    expect(clusterWith('slurm_state_folder=/srv/state', 'spare\nboss').slurmControllers).toEqual(['spare', 'boss']);
  });

  it('is the same for all of them', () => {
    expect(() => clusterWith('x=1', 'boss slurm_state_folder=/srv/a\nspare slurm_state_folder=/srv/b')).toThrow(
      /is \/srv\/a for boss and \/srv\/b for spare.*\[slurm_controller:vars\]/u,
    );
    expect(() => clusterWith('x=1', 'boss\nspare slurm_state_folder=/srv/b')).toThrow(/is not set for boss and \/srv\/b for spare/u);
  });
});
