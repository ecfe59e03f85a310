import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeK3s, FakeK3sCluster, putArtifacts } from '../../test/fake-k3s.ts';
import { localConnection } from '../../test/local-connection.ts';
import { runScript } from '../host/run-script.ts';
import { apply, checkArtifacts } from '../index.ts';
import { fillValues, manifestOf } from './chart-manifest.ts';
import { addonsOf } from './charts.ts';

const path = (name: string) => `/var/lib/rancher/k3s/server/manifests/muster-chart-${name}.yaml`;
let folder: string;
let fixture: ClusterFixture;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-hub-'));
  putArtifacts(folder);
  writeFileSync(join(folder, 'jupyterhub-3.3.7.tgz'), gzipSync('a chart'));
  writeFileSync(join(folder, 'metrics.tgz'), gzipSync('another chart'));
  writeFileSync(
    join(folder, 'hub.yaml'),
    'proxy:\n  secretToken: "{{ convect_token }}"\nfolder: "{{convect_workdir}}"\nown: "{{ .Values.x }}"\n',
  );
  use('');
});
afterEach(() => rmSync(folder, { recursive: true }));

function use(more: string): void {
  const guide = `convect_token=secret-of-the-hub\nconvect_workdir=/tmp/convecthub\njhub_config_path=hub.yaml\nk3s_artifacts=${folder}\nk3s_wait_seconds=1\n`;
  fixture = new ClusterFixture(`[driver]\nboss ansible_host=10.0.0.10\n[all:vars]\n${guide}${more}`);
  FakeK3s.onAll(fixture.hosts, new FakeK3sCluster());
}

async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
  for (const host of fixture.hosts.values()) host.forget();
  const report = new KeptReport();
  const result = await apply(fixture.options({ inventoryFolder: folder, ...change }), report);
  const outcome = report.outcomes.find(({ phase }) => phase === 'hub');
  return { result, report, changes: outcome?.changes.map(({ what }) => what) ?? [], why: result.failures.get('boss')?.message ?? '' };
}

describe('the hub in a run', () => {
  it('is a chart with the values of the inventory, which k3s installs by itself', async () => {
    const { result, changes } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(changes).toEqual(['install the chart jupyterhub']);
    const manifest = parse(fixture.host('boss').files.get(path('jupyterhub')) ?? '') as { spec: Record<string, string> };
    expect(Buffer.from(manifest.spec['chartContent'] ?? '', 'base64')).toEqual(gzipSync('a chart'));
    expect(manifest.spec['valuesContent']).toContain('secretToken: "secret-of-the-hub"\nfolder: "/tmp/convecthub"\nown: "{{ .Values.x }}"');
    expect(fixture.host('boss').uploads.find((one) => one.path === path('jupyterhub'))?.mode).toBe(0o600);
    expect((await applied()).changes).toEqual([]);
  });

  it('shows what values hold to nobody', async () => {
    const { report } = await applied();
    expect(JSON.stringify(report.outcomes)).not.toContain('secret-of-the-hub');
  });

  it('is not done before its page is one to sign in on, and says what came instead', async () => {
    fixture.host('boss').trouble("open the hub's page", { stderr: 'http://10.0.0.10:80/: status 503, and no page to sign in on' });
    expect((await applied()).why).toMatch(/status 503, and no page to sign in on/u);
    const script = fixture.host('boss').sent.find(({ label }) => label === "open the hub's page")?.script;
    expect(script).toContain("'http://10.0.0.10:80/' 'https://10.0.0.10:443/'");
    const again = await applied();
    expect(again.why).toMatch(/status 503/u);
    expect(again.changes).toEqual(['wait for the charts, which were not seen to be there yet']);
    fixture.host('boss').trouble("open the hub's page", undefined);
    expect((await applied()).why).toBe('');
    expect((await applied()).changes).toEqual([]);
  });

  it('has further charts beside it, which are uninstalled when they leave the inventory', async () => {
    use('addons=[{"name": "metrics", "chart": "metrics.tgz", "namespace": "monitoring"}]\n');
    expect((await applied()).changes).toEqual(['install the chart jupyterhub', 'install the chart metrics']);
    expect(fixture.host('boss').files.get(path('metrics'))).toContain('targetNamespace: monitoring');
    const { files } = fixture.host('boss');
    use('');
    for (const [name, content] of files) if (name.includes('muster-chart-')) fixture.host('boss').files.set(name, content);
    fixture.host('boss').trouble('uninstall the chart metrics', () => fixture.host('boss').files.delete(path('metrics')));
    fixture.host('boss').more.push(({ label }) => (label === 'uninstall the chart metrics' ? '' : undefined));
    expect((await applied()).changes).toEqual(['uninstall the chart metrics']);
  });

  it('is not done before Helm has installed every chart, whatever page an older hub still shows', async () => {
    use('addons=[{"name": "metrics", "chart": "metrics.tgz"}]\n');
    fixture.host('boss').trouble('wait for the charts', { stderr: 'Error: UPGRADE FAILED\nthe chart metrics: Helm has not installed it' });
    expect((await applied()).why).toMatch(/UPGRADE FAILED\nthe chart metrics: Helm has not installed it/u);
    const { sent, steps } = fixture.host('boss');
    const script = sent.find(({ label }) => label === 'wait for the charts')?.script ?? '';
    const revision = /muster\.node\/revision: (\w{16})/u.exec(fixture.host('boss').files.get(path('metrics')) ?? '')?.[1];
    expect(script).toContain(
      `get helmchart 'metrics' -o 'jsonpath={.metadata.annotations.muster\\.node/revision}' 2>/dev/null)" = ${revision}`,
    );
    expect(await grammarProblems(script)).toBe('');
    expect(steps).not.toContain("open the hub's page");
    expect((await applied()).why).toMatch(/UPGRADE FAILED/u);
  });

  it.each([
    ['has succeeded', 'SuccessCriteriaMet Complete', undefined],
    ['has failed', 'Failed', /UPGRADE FAILED\nthe chart jupyterhub: Helm has not installed it/u],
    ['goes on failing', '', /UPGRADE FAILED\nthe chart jupyterhub: Helm has not installed it/u],
  ])('is waited for until its job %s', async (_what, state, said) => {
    await applied();
    const { sent, files } = fixture.host('boss');
    const revision = /muster\.node\/revision: (\w{16})/u.exec(files.get(path('jupyterhub')) ?? '')?.[1] ?? '';
    const k3s = join(folder, 'k3s-of-the-test');
    const answers = `*revision*) echo ${revision} ;; *jobName*) echo helm-install-jupyterhub ;; *logs*) echo 'Error: UPGRADE FAILED' ;; *job*) echo '${state}' ;;`;
    writeFileSync(k3s, `#!/bin/sh\ncase "$*" in ${answers} esac\n`, { mode: 0o755 });
    const script = sent.find(({ label }) => label === 'wait for the charts')?.script.replaceAll('/usr/local/bin/k3s', k3s) ?? 'exit 1';
    const waiting = runScript(localConnection(), script, { label: 'wait' });
    await (said === undefined ? expect(waiting).resolves.toBe('') : expect(waiting).rejects.toThrow(said));
  });

  it('is taken from a server that had it while the first was away, and stays installed', async () => {
    use('[k3s_server]\nboss\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n');
    const { files } = fixture.host('web1');
    files.set(path('jupyterhub'), 'of before');
    const { result, report } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect([files.has(path('jupyterhub')), fixture.host('boss').files.has(path('jupyterhub'))]).toEqual([false, true]);
    expect(report.outcomes.find(({ phase, host }) => phase === 'hub' && host === 'web1')?.changes).toEqual([
      { what: `remove ${path('jupyterhub')}, which another server has now` },
    ]);
    expect(fixture.host('web1').steps).not.toContain('uninstall the chart jupyterhub');
  });

  it.each([
    ['no chart', () => rmSync(join(folder, 'jupyterhub-3.3.7.tgz')), /holds no chart jupyterhub-\*\.tgz, which jhub_config_path asks for/u],
    [
      'two charts',
      () => writeFileSync(join(folder, 'jupyterhub-4.0.0.tgz'), ''),
      /more than one chart of the hub .* Say which with jhub_chart/u,
    ],
    ['no values', () => rmSync(join(folder, 'hub.yaml')), /The values of jupyterhub cannot be read: ENOENT/u],
    ['values that are no YAML', () => writeFileSync(join(folder, 'hub.yaml'), 'a: [b'), /hub\.yaml is no YAML/u],
    ['values that are a list', () => writeFileSync(join(folder, 'hub.yaml'), '- a'), /hub\.yaml holds no values/u],
    [
      'a variable that is not set',
      () => writeFileSync(join(folder, 'hub.yaml'), 'a: "{{ http_port }}"'),
      /the inventory does not set http_port/u,
    ],
    ['an archive that is none', () => writeFileSync(join(folder, 'jupyterhub-3.3.7.tgz'), 'text'), /is no archive of a chart/u],
    [
      'an archive that is too long',
      () => writeFileSync(join(folder, 'jupyterhub-3.3.7.tgz'), Buffer.alloc(2 ** 21, gzipSync(''))),
      /has 2048 KiB, and Kubernetes takes 1024/u,
    ],
  ])('is refused before anything is touched: %s', async (_what, spoil, said) => {
    spoil();
    expect((await applied()).why).toMatch(said);
    expect(fixture.host('boss').uploads).toEqual([]);
  });
});

describe('further charts', () => {
  const of = (text: string) => addonsOf(new ClusterFixture(`[driver]\na\n[all:vars]\naddons=${text}\n`).cluster.hosts[0]!);
  it('are a list of the inventory', () =>
    expect(of('[{"name": "a", "chart": "a.tgz", "values": "a.yaml"}]')).toEqual([{ name: 'a', chart: 'a.tgz', values: 'a.yaml' }]));

  it.each([
    ['a text', 'metrics', /addons is no list of charts/u],
    ['a chart without a name', '[{"chart": "a.tgz"}]', /0\.name/u],
    ['a name that is none', '[{"name": "A b", "chart": "a.tgz"}]', /must be small letters/u],
    ['a word that nobody knows', '[{"name": "a", "chart": "a.tgz", "value": "x"}]', /value/u],
    ['a name twice', '[{"name": "a", "chart": "a.tgz"}, {"name": "a", "chart": "b.tgz"}]', /the name "a" twice/u],
    ['the name of the hub', '[{"name": "jupyterhub", "chart": "a.tgz"}]', /or it is the hub's/u],
  ])('are refused: %s', (_what, text, said) => expect(() => of(text)).toThrow(said));

  it('have values with the variables of the guide in them, and nothing else is touched', () => {
    expect(fillValues('{{ convect_workdir }} {{ other }} {{x}}', (name) => `<${name}>`)).toBe('<convect_workdir> {{ other }} {{x}}');
    const chart = { name: 'a', namespace: 'b', chartPath: '/a.tgz', valuesPath: undefined };
    expect(parse(manifestOf(chart, { archive: Buffer.from('x'), values: '' }).content)).toMatchObject({
      spec: { targetNamespace: 'b', createNamespace: true },
    });
  });
});

describe('muster artifacts check', () => {
  const check = async () => {
    const checked = await checkArtifacts(fixture.cluster, { architectures: ['amd64'], inventoryFolder: folder });
    return checked.filter(({ state }) => state !== 'good').map(({ role, name, state }) => [role, name, state]);
  };

  it('finds everything there', async () => expect(await check()).toEqual([]));

  it('names what is missing or wrong, all at once', async () => {
    writeFileSync(join(folder, 'k3s'), 'damaged');
    rmSync(join(folder, 'k3s-airgap-images-amd64.tar.zst'));
    rmSync(join(folder, 'jupyterhub-3.3.7.tgz'));
    use('has_gpu=true\n');
    expect(await check()).toEqual([
      ['k3s', 'k3s', 'wrong'],
      ['k3s', 'k3s-airgap-images-amd64.tar[.gz|.zst]', 'missing'],
      ['images', 'images/k8s-device-plugin.tar', 'missing'],
      ['hub', 'jupyterhub-*.tgz', 'missing'],
    ]);
  });

  it('tells a folder that is not there', async () => {
    use('k3s_artifacts=/nowhere\n');
    expect(await check()).toContainEqual(['k3s', '/nowhere', 'missing']);
  });
});
