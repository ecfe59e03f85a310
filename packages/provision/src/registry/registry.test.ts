import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeRegistry } from '../../test/fake-registry.ts';
import { apply } from '../index.ts';
import { nameInRegistry, requireOneEach } from './image-names.ts';

let folder: string;
let fixture: ClusterFixture;
let registry: FakeRegistry;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-registry-'));
  archive('tiny.tar', ['example.org/tests/tiny:1', 'redis:7']);
  fixture = new ClusterFixture(
    `[driver]\nboss ansible_host=10.0.0.10\n[registry]\nboss\n[worker]\nweb1 ansible_host=10.0.0.11\n[all:vars]\nk3s_artifacts=${folder}\n`,
  );
  registry = new FakeRegistry(fixture.host('boss'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function archive(name: string, tags: readonly string[]): void {
  const images = join(folder, 'images');
  mkdirSync(images, { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify([{ RepoTags: tags }]));
  execFileSync('tar', ['--mtime=@0', '-cf', join(images, name), '-C', folder, 'manifest.json']);
}

async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
  for (const host of fixture.hosts.values()) host.forget();
  const report = new KeptReport();
  const result = await apply(fixture.options(change), report);
  const outcome = report.outcomes.find(({ phase }) => phase === 'registry');
  return { result, changes: outcome?.changes.map(({ what }) => what) ?? [] };
}

describe('the registry in a run', () => {
  it('is installed with the certificate of the node, and gets the images of the folder', async () => {
    const { result, changes } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(changes).toEqual([
      'install docker-registry, skopeo',
      'write /etc/docker/registry/config.yml',
      'write /etc/systemd/system/docker-registry.service.d/muster.conf',
      'write /etc/muster/hooks.d/50-muster-registry',
      'start docker-registry.service',
      'push tests/tiny:1 of tiny.tar',
      'push library/redis:7 of tiny.tar',
    ]);
    expect(fixture.host('boss').files.get('/etc/docker/registry/config.yml')).toContain('certificate: /etc/muster/pki/current/chain.pem');
    expect(registry.pushed.map((line) => line.split(' ')[1])).toEqual(['tests/tiny:1', 'library/redis:7']);
  });

  it('changes nothing in a second run', async () => {
    await applied();
    expect((await applied()).changes).toEqual([]);
    expect(fixture.host('boss').steps).toEqual([]);
  });

  it('gets only what has come, and starts nothing anew for it', async () => {
    await applied();
    archive('more.tar', ['more:2']);
    expect((await applied()).changes).toEqual(['push library/more:2 of more.tar']);
    expect(fixture.host('boss').steps).not.toContain('start docker-registry.service');
  });

  it('goes on with the images that an interrupted run has not pushed', async () => {
    fixture.host('boss').trouble('push the images of tiny.tar', new Error('connection lost'));
    expect((await applied()).result.failures.get('boss')?.message).toBe('connection lost');
    fixture.host('boss').trouble('push the images of tiny.tar', undefined);
    expect((await applied()).changes).toEqual([
      'ask the registry, which has not answered yet',
      'push tests/tiny:1 of tiny.tar',
      'push library/redis:7 of tiny.tar',
    ]);
  });

  it('gets the image of before again when its archive is rolled back', async () => {
    await applied();
    archive('tiny.tar', ['example.org/tests/tiny:1', 'redis:7', 'more:2']);
    expect((await applied()).changes).toContain('push tests/tiny:1 of tiny.tar');
    archive('tiny.tar', ['example.org/tests/tiny:1', 'redis:7']);
    expect((await applied()).changes).toEqual(['push tests/tiny:1 of tiny.tar', 'push library/redis:7 of tiny.tar']);
    const script = fixture.host('boss').sent.find(({ label }) => label === 'push the images of tiny.tar')?.script ?? '';
    expect(script.indexOf("awk -v name='tests/tiny:1'")).toBeGreaterThan(0);
    expect(script.indexOf("awk -v name='tests/tiny:1'")).toBeLessThan(script.indexOf('skopeo copy'));
    expect((await applied()).changes).toEqual([]);
  });

  it('that somebody else has installed is left alone', async () => {
    registry.installed.add('docker-registry');
    expect((await applied()).result.failures.get('boss')?.message).toMatch(
      /boss has a docker-registry that Muster did not install\. Set install_registry=no/u,
    );
    expect(fixture.host('boss').steps).not.toContain('make the folders of the registry');
  });

  it('says what is wrong with an archive before anything is touched', async () => {
    writeFileSync(join(folder, 'images', 'broken.tar'), 'broken');
    expect((await applied()).result.failures.get('boss')?.message).toMatch(
      /broken\.tar has no manifest\.json, so it is no archive of images/u,
    );
  });

  it('does not answer: where to read is said', async () => {
    fixture.host('boss').trouble('ask the registry', { stderr: 'the registry does not answer on port 5000: certificate has expired' });
    expect((await applied()).result.failures.get('boss')?.message).toMatch(/certificate has expired/u);
    const again = await applied();
    expect(again.result.failures.get('boss')?.message).toMatch(/certificate has expired/u);
    expect(again.changes).toEqual(['ask the registry, which has not answered yet']);
    fixture.host('boss').trouble('ask the registry', undefined);
    expect((await applied()).result.failures.size).toBe(0);
    expect((await applied()).changes).toEqual([]);
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    await applied();
    for (const { label, script } of fixture.host('boss').sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});

describe('the name of an image in the registry', () => {
  it.each([
    ['redis:7', 'library/redis:7'],
    ['docker.io/library/redis:7', 'library/redis:7'],
    ['docker.io/redis:7', 'library/redis:7'],
    ['rancher/pause:3.6', 'rancher/pause:3.6'],
    ['nvcr.io/nvidia/k8s-device-plugin:v0.17.0', 'nvidia/k8s-device-plugin:v0.17.0'],
    ['localhost:5000/a/b:c', 'a/b:c'],
  ])('%s is %s', (image, name) => expect(nameInRegistry(image)).toBe(name));

  it.each(['redis', "a:b'; reboot", 'UPPER/case:1', 'x/../y:1', ''])('"%s" is none', (image) =>
    expect(() => nameInRegistry(image)).toThrow(/is no name of an image/u),
  );

  it('belongs to one image only', () => {
    const one = (archiveName: string, image: string) => ({ archive: archiveName, sha256: archiveName, image, name: nameInRegistry(image) });
    expect(() => requireOneEach([one('a.tar', 'x.io/a/b:1'), one('b.tar', 'y.io/a/b:1')])).toThrow(
      /x\.io\/a\/b:1 of a\.tar and y\.io\/a\/b:1 of b\.tar are both a\/b:1/u,
    );
    expect(() => requireOneEach([one('a.tar', 'x.io/a/b:1'), one('a.tar', 'x.io/a/b:1')])).not.toThrow();
  });
});
