import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRoot } from '../../test/script-root.ts';
import { removePlaces } from '../packages/left-behind.ts';
import { dockerResetLook } from '../reset/docker-phase.ts';
import { spareOtherDocker } from '../reset/packages-phase.ts';
import { dockerIsOurs } from './docker-is-ours.ts';
import { dockerLookScript, readDocker } from './look.ts';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
});
afterEach(() => root.remove());

describe('a Docker is of a run', () => {
  const say = `${dockerIsOurs}
docker_is_ours && echo daemon
docker_or_client_is_ours && echo any
true`;

  it.each([
    ['that has brought it', 'docker.io', { 'docker.io': 'installed' }, 'daemon\nany\n'],
    ['that has brought it half', 'docker.io', { 'docker.io': 'half-configured' }, 'daemon\nany\n'],
    ['that has brought only its client yet', 'docker-ce\ndocker-ce-cli', { 'docker-ce-cli': 'installed' }, 'any\n'],
    ['never where it was replaced', 'docker.io', { 'docker.io': 'config-files', 'docker-ce': 'installed' }, ''],
    ['never where it was removed', 'docker.io', { 'docker.io': 'not-installed' }, ''],
    ['never where none is noted', 'munge', { 'docker.io': 'installed' }, ''],
  ] as const)('%s', async (_why, noted, states, said) => {
    root.write('/var/lib/muster-provision/packages', `${noted}\n`);
    root.packages(states);
    expect(await root.run(say)).toMatchObject({ code: 0, stdout: said, stderr: '' });
  });

  it('never where no run was', async () => {
    root.packages({ 'docker-ce': 'installed' });
    expect(await root.run(say)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

it("a Docker that somebody has put in the place of a run's is foreign to the next run", async () => {
  root.write('/var/lib/muster-provision/packages', 'docker.io\n');
  root.packages({ 'docker.io': 'config-files', 'docker-ce': 'installed' });
  root.program('systemctl', 'exit 0');
  root.program('dockerd', 'exit 0');
  const look = dockerLookScript({ packages: ['docker.io'], users: [] });
  expect(readDocker((await root.run(look)).stdout).isForeign).toBe(true);
  root.packages({ 'docker.io': 'installed', 'docker-ce': 'not-installed' });
  expect(readDocker((await root.run(look)).stdout).isForeign).toBe(false);
});

describe('a reset stops a Docker and cleans up after it', () => {
  it.each([
    ['that a run has brought', 'docker.io\n', { 'docker.io': 'installed' }, true, 'docker=ours\n'],
    ['that somebody has removed since', 'docker.io\n', { 'docker.io': 'config-files' }, false, 'docker=ours\n'],
    ["never where somebody's own has taken its place", 'docker.io\n', { 'docker-ce': 'installed' }, true, ''],
    ['never where its own package is none', 'docker.io\n', {}, true, ''],
    ['never where no run has brought one', 'munge\n', { 'docker.io': 'installed' }, true, ''],
  ] as const)('%s', async (_what, noted, states, hasDaemon, said) => {
    root.write('/var/lib/muster-provision/packages', noted);
    root.packages(states);
    root.program('systemctl', 'exit 0');
    if (hasDaemon) root.program('dockerd', 'exit 0');
    expect(await root.run(dockerResetLook)).toMatchObject({ code: 0, stdout: said, stderr: '' });
  });
});

describe('what a Docker leaves', () => {
  beforeEach(() => {
    root.write('/var/lib/muster-provision/existed.docker');
    for (const path of ['/etc/docker/key.json', '/var/lib/docker/volumes/data', '/var/lib/containerd/data', '/opt/containerd/bin/x'])
      root.write(path);
  });

  it('goes with a Docker of a run', async () => {
    expect(await root.run(`set -eu\n${removePlaces}`)).toMatchObject({ code: 0, stderr: '' });
    for (const path of ['/etc/docker', '/var/lib/docker', '/var/lib/containerd', '/opt/containerd']) expect(root.has(path)).toBe(false);
  });

  it("stays where there is another's, installed in its place", async () => {
    root.program('dockerd', 'exit 0', 'usr/sbin');
    root.program('containerd', 'exit 0');
    expect(await root.run(`set -eu\n${removePlaces}`)).toMatchObject({ code: 0, stderr: '' });
    for (const path of ['/var/lib/docker/volumes/data', '/var/lib/containerd/data', '/etc/docker/key.json'])
      expect(root.has(path)).toBe(true);
  });

  it("stays of containerd alone where only that is another's", async () => {
    root.program('containerd', 'exit 0');
    await root.run(`set -eu\n${removePlaces}`);
    expect([root.has('/var/lib/docker'), root.has('/var/lib/containerd/data')]).toEqual([false, true]);
  });

  it('is spared by the purge of a package of a run whose place another has taken', async () => {
    root.write('/var/lib/muster-provision/packages', 'docker.io\n');
    root.write('/var/lib/docker/nuke-graph-directory.sh');
    root.packages({ 'docker.io': 'config-files' });
    await root.run(`set -eu\n${spareOtherDocker}`);
    expect(root.has('/var/lib/docker/nuke-graph-directory.sh')).toBe(true);
    root.program('dockerd', 'exit 0');
    root.packages({ 'docker-ce': 'installed' });
    expect(await root.run(`set -eu\n${spareOtherDocker}`)).toMatchObject({ code: 0, stderr: '' });
    expect(root.has('/var/lib/docker/nuke-graph-directory.sh')).toBe(false);
  });
});

describe('folders that others share', () => {
  it('keep what is not of a run', async () => {
    root.write('/var/lib/muster-provision/existed.docker');
    root.write('/var/lib/muster-provision/existed.registry');
    for (const path of ['/etc/docker/certs.d/mine/ca.crt', '/etc/docker/key.json', '/etc/docker/registry/config.yml']) root.write(path);
    for (const path of ['/etc/containers/mine.conf', '/var/lib/containers/cache/blobs', '/var/lib/containers/storage/layer'])
      root.write(path);
    expect(await root.run(`set -eu\n${removePlaces}`)).toMatchObject({ code: 0, stderr: '' });
    const left = ['/etc/docker/certs.d/mine/ca.crt', '/etc/containers/mine.conf', '/var/lib/containers/storage/layer'];
    for (const path of left) expect(root.has(path)).toBe(true);
    for (const path of ['/etc/docker/key.json', '/etc/docker/registry', '/var/lib/containers/cache']) expect(root.has(path)).toBe(false);
  });

  it('go when nothing is left in them', async () => {
    root.write('/var/lib/muster-provision/existed.registry');
    for (const path of ['/etc/docker/registry/config.yml', '/var/lib/containers/cache/blobs']) root.write(path);
    await root.run(`set -eu\n${removePlaces}`);
    expect([root.has('/etc/docker'), root.has('/var/lib/containers')]).toEqual([false, false]);
  });
});
