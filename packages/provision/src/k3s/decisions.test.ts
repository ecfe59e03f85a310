import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../index.ts';
import { judgeK3sFolder, readSums } from './artifact-folder.ts';
import { chooseFounder, joiningOf, requireOneCluster } from './founder.ts';
import { judgeArchive, readDockerManifest } from './image-archives.ts';
import { withServer } from './kubeconfig.ts';
import { lackOf, readK3sNodes } from './node-watch.ts';
import { k3sVersion, judgeVersion } from './versions.ts';

const rolesOf = (text: string) =>
  Object.fromEntries(clusterOf(inventoryOf(text)).hosts.map(({ name, roles }) => [name, roles.filter((one) => one.startsWith('k3s'))]));

describe('who is what to k3s', () => {
  const groups = '[driver]\na\n[worker]\nb\n';
  it.each([
    ['nobody without a word', groups, { a: [], b: [] }],
    ['all with install_k3s', `${groups}[all:vars]\ninstall_k3s=yes\n`, { a: ['k3s-server'], b: ['k3s-agent'] }],
    ["all by the guide's token", `${groups}[all:vars]\nconvect_token=x\n`, { a: ['k3s-server'], b: ['k3s-agent'] }],
    ["all by the guide's values", `${groups}[all:vars]\njhub_config_path=x.yaml\n`, { a: ['k3s-server'], b: ['k3s-agent'] }],
    ['nobody who says no', `${groups}[all:vars]\nconvect_token=x\ninstall_k3s=no\n`, { a: [], b: [] }],
    ['groups of its own', `${groups}[k3s_server]\nb\n[k3s_agent]\na\n`, { a: ['k3s-agent'], b: ['k3s-server'] }],
    ['a server that is named as an agent too', `${groups}[k3s_server]\na\n[k3s_agent]\na\nb\n`, { a: ['k3s-server'], b: ['k3s-agent'] }],
  ])('%s', (_what, text, roles) => expect(rolesOf(text)).toEqual(roles));

  it.each([
    ['an even number of servers', `${groups}[k3s_server]\na\nb\n`, /k3s has 2 servers \(a, b\)\. An even number .*: leave 1, 3 or 5/u],
    ['an agent without a server', `${groups}[k3s_agent]\nb\n`, /b is to be an agent of k3s, and no host is a server/u],
    ['a name that Kubernetes does not take', `[driver]\nA_1\n[all:vars]\ninstall_k3s=yes\n`, /takes no node of this name: A_1/u],
    ['a word that is neither yes nor no', `${groups}[all:vars]\ninstall_k3s=maybe\n`, /install_k3s is "maybe": write yes or no/u],
    ['two registries', `${groups}[registry]\na\nb\n`, /\[registry\] has 2 hosts \(a, b\)/u],
  ])('%s is refused', (_what, text, said) => expect(() => clusterOf(inventoryOf(text))).toThrow(said));
});

describe('a version', () => {
  it.each([
    ['', 'k3s version v1.30.0+k3s1 (abc)', 'first'],
    ['k3s version v1.30.0+k3s1', 'k3s version v1.30.0+k3s1', 'same'],
    ['k3s version v1.30.0+k3s1', 'k3s version v1.30.0+k3s2', 'upgrade'],
    ['k3s version v1.30.9+k3s1', 'k3s version v1.31.0+k3s1', 'upgrade'],
    ['k3s version v1.30.0+k3s2', 'k3s version v1.30.0+k3s1', 'refuse'],
    ['k3s version v1.30.0+k3s1', 'k3s version v1.29.10+k3s1', 'refuse'],
    ['k3s version v1.30.0+k3s1', 'k3s version v1.32.0+k3s1', 'refuse'],
    ['k3s version v1.30.0+k3s1', 'Exec format error', 'refuse'],
  ])('%s to %s: %s', (from, to, kind) => expect(judgeVersion(from, to).kind).toBe(kind));

  it('is found in what k3s says', () => expect(k3sVersion('k3s version v1.32.5+k3s1 (8e8f2a47)\n')).toBe('v1.32.5+k3s1'));
});

describe('the folder of artifacts', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const sums = `${a}  k3s\n${b.toUpperCase()} *k3s-airgap-images-amd64.tar.gz\n`;
  const states = (names: string[], text: string | undefined, hashes: Record<string, string>) =>
    judgeK3sFolder('amd64', { names, sums: text, hashes: new Map(Object.entries(hashes)) }).map(({ state }) => state);

  it.each([
    [
      'all of it',
      ['k3s', 'k3s-airgap-images-amd64.tar.gz'],
      sums,
      { k3s: a, 'k3s-airgap-images-amd64.tar.gz': b },
      ['good', 'good', 'good'],
    ],
    [
      'a bit that is wrong',
      ['k3s', 'k3s-airgap-images-amd64.tar.gz'],
      sums,
      { k3s: b, 'k3s-airgap-images-amd64.tar.gz': b },
      ['wrong', 'good', 'good'],
    ],
    [
      'another form of the images',
      ['k3s', 'k3s-airgap-images-amd64.tar'],
      sums,
      { k3s: a, 'k3s-airgap-images-amd64.tar': b },
      ['good', 'unverified', 'good'],
    ],
    ['nothing', [], undefined, {}, ['missing', 'missing', 'missing']],
  ])('%s', (_what, names, text, hashes, wanted) => expect(states(names, text, hashes)).toEqual(wanted));

  it('has other names for another processor', () => {
    const [binary] = judgeK3sFolder('arm64', { names: [], sums: undefined, hashes: new Map() });
    expect(binary?.name).toBe('k3s-arm64');
  });

  it('is read from what sha256sum writes, and from nothing else', () =>
    expect([...readSums(`${a}  ./x\nnonsense\n${b}  y z\n`)]).toEqual([['x', a]]));

  it('has archives of images, which a checksum file may vouch for', () => {
    const file = { name: 'x.tar', path: '/x.tar', sha256: a };
    expect(judgeArchive(file, undefined).state).toBe('good');
    expect(judgeArchive(file, new Map([['x.tar', b]])).state).toBe('wrong');
    expect(judgeArchive(file, new Map()).state).toBe('unverified');
    expect(judgeArchive({ ...file, name: "x'; rm -rf.tar" }, undefined).state).toBe('wrong');
  });

  it('tells the names of images', () => {
    expect(readDockerManifest('[{"Config":"c","RepoTags":["a:1","b:2"]},{"RepoTags":null}]')).toEqual(['a:1', 'b:2']);
    expect(readDockerManifest('no JSON')).toBeUndefined();
  });
});

describe('the founder', () => {
  const server = (name: string, change: { failed?: boolean; hasDatastore?: boolean } = {}) => ({
    name,
    failed: false,
    hasDatastore: false,
    ...change,
  });
  it('is the first of new ones, or who has the cluster', () => {
    expect(chooseFounder([server('a'), server('b'), server('c')])).toBe('a');
    expect(chooseFounder([server('a'), server('b', { hasDatastore: true }), server('c', { failed: true })])).toBe('b');
  });

  it('is nobody where one that is away may have the cluster', () => {
    expect(() => chooseFounder([server('a', { failed: true }), server('b')])).toThrow(/a could not be looked at and may have it/u);
    expect(() => chooseFounder([server('a', { failed: true })])).toThrow(/Every server of k3s has failed/u);
  });

  it('decides how a server joins, and nothing is changed of one that is in', () => {
    const cluster = { founder: 'a', founderAddress: '10.0.0.1', servers: 3 };
    expect(joiningOf({ name: 'a', hasDatastore: false, joinLine: '' }, cluster)).toEqual({ kind: 'cluster-init' });
    expect(joiningOf({ name: 'a', hasDatastore: true, joinLine: 'server: https://10.0.0.2:6443' }, cluster)).toEqual({
      kind: 'server',
      url: 'https://10.0.0.2:6443',
    });
    expect(joiningOf({ name: 'b', hasDatastore: false, joinLine: 'cluster-init: true' }, cluster)).toEqual({
      kind: 'server',
      url: 'https://10.0.0.1:6443',
    });
    expect(joiningOf({ name: 'a', hasDatastore: true, joinLine: '' }, { ...cluster, servers: 1 })).toEqual({ kind: 'alone' });
  });
});

describe('what Kubernetes says', () => {
  it('is read, and anything else refused', () => {
    const text =
      '{"items":[{"metadata":{"name":"a"},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],"nodeInfo":{"kubeletVersion":"v1"}}},{"metadata":{"name":"b"},"status":{}}]}';
    const nodes = readK3sNodes(text);
    expect(nodes.get('a')).toMatchObject({ isReady: true, version: 'v1', isCordoned: true });
    expect(lackOf(nodes, { name: 'a', version: 'v1' })).toBeUndefined();
    expect(lackOf(nodes, { name: 'a', version: 'v2' })).toBe('it still says v1 and not v2');
    expect(lackOf(nodes, { name: 'b' })).toMatch(/has not said whether it is Ready/u);
    expect(lackOf(nodes, { name: 'c' })).toBe('the cluster does not know it');
    expect(lackOf('refused', { name: 'a' })).toBe('refused');
    expect(() => readK3sNodes('<html>')).toThrow(/no list of nodes/u);
  });

  it('is told to kubectl by an address that others reach', () => {
    const text =
      'apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: abc\n    server: https://127.0.0.1:6443\n  name: default\n';
    expect(withServer(text, 'https://10.0.0.1:6443')).toContain('server: https://10.0.0.1:6443');
    expect(() => withServer('a: [', 'https://10.0.0.1:6443')).toThrow(/no kubeconfig/u);
    expect(() => withServer('', 'https://10.0.0.1:6443')).toThrow(/no kubeconfig/u);
  });
});

describe('a server with data of a cluster', () => {
  const joins = (change: object) => () =>
    requireOneCluster(
      { name: 'b', hasDatastore: true, joinLine: '', fullTokenHash: 'own', ...change },
      { founder: 'a', tokenHash: 'of a' },
    );

  it.each([
    ['alone', {}],
    ['as the first of several', { joinLine: 'cluster-init: true' }],
  ])('of its own, made %s, does not join another', (_what, change) =>
    expect(joins(change)).toThrow(/b has a k3s cluster of its own, and is to join that of a: .*muster reset -i INVENTORY --limit b/u),
  );

  it.each([
    ['that it joined', { joinLine: 'server: https://10.0.0.1:6443' }],
    ['of the same token', { fullTokenHash: 'of a' }],
    ['that is the one to join', { name: 'a' }],
    ['that never came to be', { hasDatastore: false }],
  ])('%s goes on', (_what, change) => expect(joins(change)).not.toThrow());
});
