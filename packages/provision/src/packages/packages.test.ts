import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import { grammarProblems, runInDash } from '../../test/dash.ts';
import { ScriptRoot } from '../../test/script-root.ts';
import { FakeHost } from '../../test/fake-host.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { installPackagesScript, missingPackagesScript } from './install-packages.ts';
import { workAlone } from './package-work.ts';
import { packageFolder, packagesFor, uploadPackages } from './package-source.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-debs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const facts = (architecture: string) => readHostFacts(`architecture=${architecture}\n`, 0);
const put = (...names: string[]) => names.forEach((name) => writeFileSync(join(folder, name), name));

describe('packages of a folder', () => {
  it("are those of the host's architecture and of all", async () => {
    put('b_1_amd64.deb', 'a_2_all.deb', 'c_1_arm64.deb', 'README', 'd_1_amd64.deb.sig');
    expect(await packagesFor(folder, facts('x86_64'))).toEqual([join(folder, 'a_2_all.deb'), join(folder, 'b_1_amd64.deb')]);
    expect(await packagesFor(folder, facts('aarch64'))).toEqual([join(folder, 'a_2_all.deb'), join(folder, 'c_1_arm64.deb')]);
  });

  it('are refused when there is none that fits', async () => {
    put('c_1_arm64.deb');
    await expect(packagesFor(folder, facts('x86_64'))).rejects.toThrow(/has no package for amd64/u);
  });

  it('are refused when the folder is not there', async () => {
    await expect(packagesFor(join(folder, 'none'), facts('x86_64'))).rejects.toThrow(/none \(muster_packages\) cannot be read: .*ENOENT/u);
  });

  it('go to a folder that is made before, by names without what a shell or apt would read otherwise', async () => {
    const host = new FakeHost('web1');
    await uploadPackages(host, ['/debs/munge_1%3a2_amd64.deb'], new AbortController().signal);
    expect(host.sent.map(({ label }) => label)).toEqual(['make /var/cache/muster/packages']);
    expect(host.uploads).toMatchObject([{ path: '/var/cache/muster/packages/munge_1-2_amd64.deb', mode: 0o644, owner: 'root:root' }]);
  });

  it('come from muster_packages', () => {
    const { cluster } = new ClusterFixture('[driver]\na muster_packages=/debs\n[worker]\nb\n');
    expect(cluster.hosts.map((host) => packageFolder(host))).toEqual(['/debs', undefined]);
  });
});

describe('work that waits for an earlier one', () => {
  let root: ScriptRoot;
  beforeEach(() => {
    root = new ScriptRoot();
  });
  afterEach(() => root.remove());

  it('goes on when that has ended', async () => {
    expect(await root.run(`set -eu\n${workAlone}\necho goes on`)).toMatchObject({ code: 0, stdout: 'goes on\n', stderr: '' });
  });

  it('says after ten minutes who is at work', async () => {
    root.program('flock', 'exit 1');
    const script = `set -eu\nsleep 60 8>> /run/muster-work.lock >/dev/null 2>&1 &\nheld=$!\ntrap 'kill $held' EXIT\n${workAlone}\necho goes on`;
    expect(await root.run(script)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/still been at work here for ten minutes: process \d+ \(\w+\), see "ps -ef" there\. Wait for its end/u),
    });
  });
});

describe('the scripts', () => {
  it.each([
    ['from a folder', installPackagesScript(['slurmd', 'munge'], true)],
    ["from the host's sources", installPackagesScript(['slurmd'], false)],
    ['of the look', missingPackagesScript(['slurmd'])],
  ])('are valid for a POSIX shell: %s', async (_what, script) => {
    expect(await grammarProblems(script)).toBe('');
  });

  it("use the host's own sources unless there is a folder", () => {
    expect(installPackagesScript(['slurmd'], false)).not.toContain('Dir::Etc');
    expect(installPackagesScript(['slurmd'], true)).toContain('Dir::Etc::SourceParts=/dev/null');
  });

  it('find a package that is not installed', async () => {
    const ended = await runInDash(missingPackagesScript(['no-such-package', 'dpkg']));
    expect(ended).toMatchObject({ code: 0, stdout: 'missing=no-such-package\n' });
  });
});
