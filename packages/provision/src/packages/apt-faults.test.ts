import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { runInDash } from '../../test/dash.ts';
import { FakeSlurm, slurmInventory } from '../../test/fake-slurm.ts';
import { apply } from '../index.ts';
import { finishInterrupted } from './package-work.ts';

const locked = 'dpkg: error: dpkg frontend lock was locked by another process with pid 4711';

describe('a dpkg that another program holds', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-dpkg-'));
    program('sleep', 'exit 0');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const finish = () => runInDash(`${finishInterrupted(true)}\necho goes on`, { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').length;

  it('is waited for', async () => {
    program('dpkg', `printf x >> ${folder}/calls; [ "$(wc -c < ${folder}/calls)" -gt 3 ] && exit 0; echo '${locked}' >&2; exit 2`);
    expect(await finish()).toMatchObject({ code: 0, stdout: 'goes on\n', stderr: '' });
    expect(calls()).toBe(4);
  }, 60_000);

  it('for more than five minutes is told with its process', async () => {
    program('dpkg', `printf x >> ${folder}/calls; echo '${locked}' >&2; exit 2`);
    expect(await finish()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('process with pid 4711') });
    // Two seconds lie between any two of them.
    expect(calls()).toBe(150);
  }, 60_000);
});

describe('an installation that fails', () => {
  it.each([
    [
      'because the mirror is down',
      'E: Failed to fetch http://deb.example.org/pool/s/slurmd_22.deb  Could not connect to deb.example.org:80\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?',
      /could not connect to deb\.example\.org:80[^]*mend \/etc\/apt there, or name a folder of \.deb files in muster_packages/iu,
    ],
    ['because no source has the package', 'E: Unable to locate package slurmd', /Unable to locate package slurmd[^]*muster_packages/u],
    ['because another program holds the lock', locked, /pid 4711[^]*wait for it or end it there/u],
    [
      'because the disk is full',
      'dpkg: error processing archive slurmd_22.deb (--unpack): cannot copy extracted data: failed to write (No space left on device)',
      /No space left on device[^]*Free space on the host/u,
    ],
    ['for another reason', 'E: Broken packages', /Broken packages$/u],
  ])('%s says what to do, and the next run installs', async (_why, stderr, message) => {
    const fixture = new ClusterFixture(slurmInventory);
    const slurm = [...fixture.hosts.values()].map((host) => new FakeSlurm(host));
    const label = 'install munge, slurm-client, slurmd';
    fixture.host('web1').trouble(label, { exitCode: 100, stderr });
    const { failures } = await apply(fixture.options(), new KeptReport());
    expect([...failures.keys()]).toEqual(['web1']);
    expect(failures.get('web1')).toMatchObject({ phase: 'slurm-packages', command: label, message: expect.stringMatching(message) });
    fixture.host('web1').trouble(label, undefined);
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBe(0);
    expect(slurm.every(({ installed }) => installed.has('munge'))).toBe(true);
  });
});
