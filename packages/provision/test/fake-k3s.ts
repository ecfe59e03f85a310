import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeHost, Sent } from './fake-host.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const imageFolder = '/var/lib/rancher/k3s/agent/images';
const binaryPath = '/usr/local/bin/k3s';

/** Files as a release of k3s has them; the binary holds nothing but its version. */
export function putArtifacts(folder: string, version = 'v1.30.0+k3s1'): void {
  mkdirSync(join(folder, 'images'), { recursive: true });
  writeFileSync(join(folder, 'k3s'), `k3s version ${version} (fake)`);
  writeFileSync(join(folder, 'k3s-airgap-images-amd64.tar.zst'), `images of ${version}`);
  const sums = ['k3s', 'k3s-airgap-images-amd64.tar.zst'].map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`);
  writeFileSync(join(folder, 'sha256sum-amd64.txt'), sums.join(''));
}

/** The cluster that fake machines of k3s join. */
export class FakeK3sCluster {
  readonly nodes = new Map<string, { version: string; isReady: boolean; isCordoned: boolean; bootId?: string }>();
  secret = '';
  /** What was asked of it, in order. */
  readonly done: string[] = [];
  /** Nodes that never get Ready. */
  readonly sick = new Set<string>();

  get fullToken(): string {
    return this.secret === '' ? '' : `K10abc::server:${this.secret}`;
  }

  list(): string {
    return JSON.stringify({
      items: [...this.nodes].map(([name, { version, isReady, isCordoned, bootId }]) => ({
        metadata: { name },
        spec: { unschedulable: isCordoned },
        status: {
          conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', message: isReady ? '' : 'container runtime is down' }],
          nodeInfo: { kubeletVersion: version, ...(bootId === undefined ? {} : { bootID: bootId }) },
        },
      })),
    });
  }
}

/** k3s on a fake host, as far as a run can see and change it. */
export class FakeK3s {
  binary = '';
  token = '';
  hasDatastore = false;
  isMarked = false;
  isDrained = false;
  /** A path of a k3s that somebody else has installed. */
  foreign = '';
  readonly images = new Map<string, string>();
  readonly #host: FakeHost;
  readonly #cluster: FakeK3sCluster;

  /** On every host of a cluster, by name. */
  static onAll(hosts: ReadonlyMap<string, FakeHost>, cluster: FakeK3sCluster): Map<string, FakeK3s> {
    return new Map([...hosts].map(([name, host]) => [name, new FakeK3s(host, cluster)]));
  }

  constructor(host: FakeHost, cluster: FakeK3sCluster) {
    this.#host = host;
    this.#cluster = cluster;
    host.more.push((sent) => this.#answer(sent));
  }

  #answer(sent: Sent): string | undefined {
    const { label, script, stdin } = sent;
    const what = /^(?<verb>drain|uncordon|label|delete) (?<name>\S+) of k3s$/u.exec(label)?.groups;
    if (what !== undefined) return this.#change(what['verb'] ?? '', what['name'] ?? '');
    if (label.startsWith('run a pod') || label.endsWith(' out of etcd')) return this.#did(label);
    if (label.startsWith('start k3s')) return this.#start(label.slice('start '.length));
    return this.#steps.get(label)?.(script, stdin);
  }

  readonly #steps = new Map<string, (script: string, stdin: string) => string>([
    ['look at the server of k3s', () => this.#seen('k3s.service', 'k3s-agent.service')],
    ['look at the agent of k3s', () => this.#seen('k3s-agent.service', 'k3s.service')],
    ['ask k3s for its version', () => readFileSync(this.#uploaded('/var/cache/muster/k3s-'), 'utf8')],
    ['make the folders of k3s', (script) => this.#prepare(script)],
    ['put the k3s binary in use', () => this.#use()],
    ['note the images of k3s', (script) => this.#noteImages(script)],
    ['write the token of k3s', (_script, stdin) => this.#set('token', stdin)],
    ['make the token of k3s', () => this.#set('token', `made by ${this.#host.host.name}`)],
    ['read the token of k3s', () => this.#cluster.fullToken],
    ['look at the nodes of k3s', () => this.#cluster.list()],
    ['look for an image of k3s', () => 'docker.io/rancher/mirrored-library-busybox:1.36.1\n'],
    ['note the drain', () => this.#set('isDrained', true)],
    ['forget the drain', () => this.#set('isDrained', false)],
    ['look for the data of k3s', () => (this.hasDatastore ? 'data=yes\n' : '')],
    ['stop k3s', () => this.#did(`stop ${this.#host.host.name}`)],
    ['look at the charts', () => this.#charts()],
    ['remove old manifests of charts', (script) => this.#removeFiles(script)],
    ['wait for the charts', () => ''],
    ["open the hub's page", () => ''],
  ]);

  #set<Key extends 'token' | 'isDrained'>(key: Key, value: this[Key]): string {
    this[key] = value;
    return '';
  }

  #did(what: string): string {
    this.#cluster.done.push(what);
    return '';
  }

  #change(verb: string, name: string): string {
    const node = this.#cluster.nodes.get(name);
    if (node !== undefined && verb !== 'label') node.isCordoned = verb === 'drain';
    if (verb === 'delete') this.#cluster.nodes.delete(name);
    return this.#did(`${verb} ${name}`);
  }

  #uploaded(prefix: string): string {
    return this.#host.uploads.findLast(({ path }) => path.startsWith(prefix))?.content ?? '';
  }

  #prepare(script: string): string {
    this.isMarked = true;
    for (const unit of ['k3s.service', 'k3s-agent.service'])
      if (script.includes(`muster-restart-pending.${unit}`)) this.#host.pending.add(unit);
    return '';
  }

  #use(): string {
    this.binary = this.#uploaded('/var/cache/muster/k3s-') === '' ? '' : readFileSync(this.#uploaded('/var/cache/muster/k3s-'), 'utf8');
    return '';
  }

  #noteImages(script: string): string {
    for (const { path, content } of this.#host.uploads)
      if (path.startsWith(`${imageFolder}/`)) this.images.set(path.slice(imageFolder.length + 1), sha256(readFileSync(content)));
    for (const [, name = ''] of script.matchAll(/^rm -f -- '([^']+)'$/gmu)) this.images.delete(name);
    return '';
  }

  #start(unit: string): string {
    this.#host.services.set(unit, { active: true, enabled: true });
    this.#host.pending.delete(unit);
    if (unit === 'k3s.service') {
      this.hasDatastore = true;
      if (this.#cluster.secret === '') this.#cluster.secret = this.token;
    }
    const { name } = this.#host.host;
    const version = /v\d\S+/u.exec(this.binary)?.[0] ?? '';
    this.#cluster.nodes.set(name, { isCordoned: false, ...this.#cluster.nodes.get(name), version, isReady: !this.#cluster.sick.has(name) });
    return this.#did(`start ${name}`);
  }

  #removeFiles(script: string): string {
    for (const [, path = ''] of script.matchAll(/'([^']+)'/gu)) this.#host.files.delete(path);
    return '';
  }

  #charts(): string {
    const prefix = '/var/lib/rancher/k3s/server/manifests/muster-chart-';
    const charts = [...this.#host.files].filter(([path]) => path.startsWith(prefix));
    return charts.map(([path, content]) => `chart=${path}\n${path}=${sha256(content)}\n`).join('') + this.#host.owes('hub');
  }

  #seen(unit: string, other: string): string {
    const hash = (path: string): string => `${path}=${this.#host.files.has(path) ? sha256(this.#host.files.get(path) ?? '') : 'none'}`;
    const config = this.#host.files.get('/etc/rancher/k3s/config.yaml') ?? '';
    const manifests = '/var/lib/rancher/k3s/server/manifests';
    return [
      ...['/etc/rancher/k3s/config.yaml', '/etc/rancher/k3s/registries.yaml', `/etc/systemd/system/${unit}`].map(hash),
      ...[`${manifests}/muster-ingress.yaml`, `${manifests}/muster-nvidia.yaml`].map(hash),
      `${binaryPath}=${this.binary === '' ? 'none' : sha256(this.binary)}`,
      `version=${this.binary}`,
      `join=${/^(?:server|cluster-init):.*$/mu.exec(config)?.[0] ?? ''}`,
      `foreign=${this.foreign}`,
      ...(this.#host.services.has(other) ? ['other=yes'] : []),
      ...(this.isDrained ? ['drained=yes'] : []),
      this.#host.owes(unit === 'k3s.service' ? 'k3s-servers' : 'k3s-agents'),
      ...this.#secrets(),
      ...[...this.images].map(([name, hashed]) => `image=${hashed} ${name} noted`),
      this.#service(unit),
    ].join('\n');
  }

  #secrets(): string[] {
    return [
      ...(this.token === '' ? [] : [`token=${sha256(this.token)}`, `secret=${sha256(this.token.replace(/^K10.*:/u, ''))}`]),
      ...(this.hasDatastore ? [`full_token=${sha256(this.#cluster.fullToken)}`, 'datastore=yes'] : []),
    ];
  }

  #service(unit: string): string {
    const { active, enabled } = this.#host.services.get(unit) ?? { active: false, enabled: false };
    const pending = this.#host.pending.has(unit) ? 'yes' : 'no';
    return `active=${active ? 'active' : 'inactive'}\nenabled=${enabled ? 'enabled' : 'disabled'}\npending=${pending}`;
  }
}
