import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { ScriptRoot } from '../../test/script-root.ts';
import { removeDockerNetwork, noteBeforeDocker } from '../docker/before-docker.ts';
import { apply } from '../index.ts';
import { readSourceKey, requireSource } from './apt-source.ts';
import { notePlaces, removePlaces } from './left-behind.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const driver = new ClusterFixture('[driver]\nboss\n').cluster.driver!;

describe('the key of a source', () => {
  it('stays as it is where it is armoured', async () => {
    const armoured = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n';
    writeFileSync(join(folder, 'key.asc'), armoured);
    expect(await readSourceKey(driver, 'docker_repo_key', join(folder, 'key.asc'))).toBe(armoured);
  });

  it('is armoured where it is not', async () => {
    writeFileSync(join(folder, 'key.gpg'), Buffer.from([0x99, 1, 2, 3]));
    expect(await readSourceKey(driver, 'docker_repo_key', join(folder, 'key.gpg'))).toContain('\n\nmQECAw==\n-----END');
  });

  it('has to be there', async () => {
    await expect(readSourceKey(driver, 'docker_repo_key', join(folder, 'none'))).rejects.toThrow(
      /boss: the key .*none \(docker_repo_key\)/u,
    );
    writeFileSync(join(folder, 'empty'), '');
    await expect(readSourceKey(driver, 'docker_repo_key', join(folder, 'empty'))).rejects.toThrow(/is empty/u);
  });
});

describe('what an inventory names as a source', () => {
  it.each([
    ['ftp://mirror', ['a'], /write a URL such as/u],
    ['https://mirror\nTrusted: yes', ['a'], /write a URL such as/u],
    ['https://mirror', ['a b'], /suite or component "a b"/u],
  ])('%s %o is refused', (uri, suites, reason) =>
    expect(() => requireSource(driver, 'apt_mirror', { entries: [{ uri, suites, components: [] }] })).toThrow(reason),
  );
});

describe('the phase of package sources', () => {
  const seen = 'codename=bookworm\napt=yes\nother:/etc/apt/sources.list\nother:/etc/apt/sources.list.d/own.list\n';

  async function applied(variables: string, look = seen) {
    const fixture = new ClusterFixture(`[driver]\nboss ansible_host=10.0.0.10\n[all:vars]\n${variables}\n`);
    fixture.host('boss').more.push(({ label }) => {
      if (label === 'look at the package sources') return look;
      return /^(?:prepare |put other package|note that the package sources|apt-get update)/u.test(label) ? '' : undefined;
    });
    const report = new KeptReport();
    const result = await apply(fixture.options(), report);
    const told = report.outcomes.filter(({ phase }) => phase === 'apt-mirror').flatMap(({ changes }) => changes.map(({ what }) => what));
    return { told, failure: result.failures.get('boss')?.message, host: fixture.host('boss') };
  }

  it('writes the mirror, and puts the others aside', async () => {
    const { told, host } = await applied('apt_mirror=http://mirror/debian\napt_mirror_security=http://mirror/security');
    expect(told).toEqual([
      'write /etc/apt/sources.list.d/muster-mirror.sources',
      'put /etc/apt/sources.list aside',
      'put /etc/apt/sources.list.d/own.list aside',
    ]);
    expect(host.files.get('/etc/apt/sources.list.d/muster-mirror.sources')).toBe(
      '# Written by "muster apply".\nTypes: deb\nURIs: http://mirror/debian\nSuites: bookworm\nComponents: main\n\nTypes: deb\nURIs: http://mirror/security\nSuites: bookworm-security\nComponents: main\n',
    );
    for (const { label, script } of host.sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });

  it('keeps a source that somebody has written anew since it was put aside', async () => {
    const { host } = await applied('apt_mirror=http://mirror/debian');
    const { script = '', stdin = '' } = host.sent.find(({ label }) => label === 'put other package sources aside') ?? {};
    const root = new ScriptRoot();
    const own = '/etc/apt/sources.list.d/own.list';
    try {
      for (const content of ['first', 'second']) {
        root.write(own, content);
        root.write('/etc/apt/sources.list', 'the first');
        root.write('/stdin', root.inside(stdin));
        expect(await root.run(`{\n${script}\n} < ${root.path('/stdin')}`)).toMatchObject({ code: 0, stderr: '' });
        expect(root.has(own)).toBe(false);
        expect(root.read(`/var/lib/muster-provision/before${root.path(own)}`)).toBe(content);
      }
      expect(root.read('/etc/apt/sources.list')).toContain('Put aside');
    } finally {
      root.remove();
    }
  });

  it('reads in the next run what an earlier one could not', async () => {
    const first = await applied('apt_mirror=http://mirror/debian', 'codename=bookworm\napt=yes\n');
    const content = first.host.files.get('/etc/apt/sources.list.d/muster-mirror.sources') ?? '';
    const hash = createHash('sha256').update(content).digest('hex');
    const same = `codename=bookworm\napt=yes\n/etc/apt/sources.list.d/muster-mirror.sources=${hash}\n`;
    expect((await applied('apt_mirror=http://mirror/debian', same)).told).toEqual([]);
    const { told, host } = await applied('apt_mirror=http://mirror/debian', `${same}unproven=yes\n`);
    expect(told).toEqual(['read the package sources']);
    expect(host.steps).toContain('apt-get update from apt_mirror');
  });

  it('leaves the others where it is told to', async () => {
    const { told } = await applied('apt_mirror=http://mirror/debian\napt_mirror_only=no');
    expect(told).toEqual(['write /etc/apt/sources.list.d/muster-mirror.sources']);
  });

  it('needs apt, and the name of a release', async () => {
    expect((await applied('apt_mirror=http://mirror/x', 'codename=\n')).failure).toMatch(/boss has no apt/u);
    expect((await applied('apt_mirror=http://mirror/x', 'codename=\napt=yes\n')).failure).toMatch(/Set apt_mirror_suites/u);
  });
});

describe('what packages leave behind', () => {
  it('is noted for the packages that are installed, and for no others', () => {
    expect(notePlaces(['docker.io'])).toContain('/var/lib/docker');
    expect(notePlaces(['docker.io'])).not.toContain('/etc/slurm');
    expect(notePlaces(['munge', 'slurmd'])).not.toContain('/var/lib/docker');
    expect(notePlaces(['curl'])).toBe('');
  });

  it('is removed by scripts that are valid for a POSIX shell', async () => {
    for (const script of [removePlaces, removeDockerNetwork, noteBeforeDocker, notePlaces(['docker.io', 'munge', 'nvidia-smi'])])
      expect(await grammarProblems(script)).toBe('');
  });
});
