import { createHash } from 'node:crypto';
import type { FakeHost, Sent } from './fake-host.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** The part of a fake host that belongs to a pool: what its steps would find and change. */
export class FakePoolMachine {
  readonly #host: FakeHost;
  packages = new Set<string>();
  /** What its sources would give. */
  candidate = '4.0.7-3~deb13u1';
  hasEtcdData = false;
  isFounded = false;
  isPrimary = false;
  hasAccount = false;
  hasEmbedded = false;
  /** What etcd of this machine was asked to take in. */
  readonly admitted: string[] = [];

  constructor(host: FakeHost) {
    this.#host = host;
    host.more.push((sent) => this.#answer(sent));
  }

  /** As after the loss of its disk. */
  wipe(): void {
    this.hasEtcdData = false;
    this.isFounded = false;
    for (const path of this.#host.files.keys()) if (path.startsWith('/etc/muster/pool/')) this.#host.files.delete(path);
    for (const unit of ['muster-etcd.service', 'muster-database.service']) this.#host.services.delete(unit);
  }

  #hash(path: string): string {
    const content = this.#host.files.get(path);
    return content === undefined ? 'none' : sha256(content);
  }

  #file(path: string): string {
    return this.#host.files.get(path) ?? '';
  }

  #answer({ label, script, stdin }: Sent): string | undefined {
    const file = (name: string) => this.#hash(`/etc/muster/pool/${name}`);
    const base64 = (path: string) => Buffer.from(this.#file(path)).toString('base64');
    const unit = (name: string) => {
      const { active, enabled } = this.#host.services.get(name) ?? { active: false, enabled: false };
      return `active=${active ? 'active' : 'inactive'}\nenabled=${enabled ? 'enabled' : 'disabled'}\npending=${this.#host.pending.has(name) ? 'yes' : 'no'}\n`;
    };
    const key = this.#file('/etc/muster/pool/member.key');
    const hasKey = (name: string) => `key=${key !== '' && this.#file(`/etc/muster/pool/${name}.key`) === key ? 'yes' : 'no'}\n`;
    const hashOf = (path: string) => this.#hash(path);
    switch (label) {
      case 'look at the pool':
        return `record=${file('pool.json')}\nauthority=${file('authority.pem')}\ncertificate=${base64('/etc/muster/pool/member.pem')}\nkey=${key === '' ? 'no' : 'yes'}\n`;
      case 'look at the record of the pool':
        return this.#file('/etc/muster/pool/pool.json');
      case 'take the old certificate of the pool away':
        this.#host.files.delete('/etc/muster/pool/member.pem');
        return '';
      case 'look for packages of the pool': {
        const names = [...script.matchAll(/'([a-z0-9-]+)'/gu)].map((match) => match[1] ?? '');
        const missing = names.filter((name) => !this.packages.has(name)).map((name) => `missing=${name}\n`);
        return `${missing.join('')}patroni=${this.packages.has('patroni') ? this.candidate : ''}\ncandidate=${this.candidate}\n`;
      }
      case 'keep the packages of the pool quiet':
        return '';
      case 'look at the etcd of the pool':
        return `settings=${file('etcd.env')}\nunit=${hashOf('/etc/systemd/system/muster-etcd.service')}\ndata=${this.hasEtcdData ? 'yes' : 'no'}\nfounded=${this.isFounded ? 'yes' : 'no'}\n${hasKey('etcd')}${unit('muster-etcd.service')}`;
      case 'give etcd its key':
        this.#host.files.set('/etc/muster/pool/etcd.key', key);
        return '';
      case 'admit a member to etcd':
        this.admitted.push(stdin.split('\n')[0] ?? '');
        return 'a=https://10.0.0.1:23800,b=https://10.0.0.2:23800';
      case 'start muster-etcd.service':
        this.hasEtcdData = true;
        return undefined;
      case 'look for a quorum': {
        const isJoining = this.#host.files.has('/etc/muster/pool/etcd-join.env');
        return `${this.isFounded ? 'founded=yes\n' : ''}${isJoining ? 'joining=yes\n' : ''}healthy=yes\n`;
      }
      case 'wait for a quorum':
        this.isFounded = true;
        this.#host.files.delete('/etc/muster/pool/etcd-join.env');
        return '';
      case 'look at the database of the pool':
        return `settings=${file('patroni.yaml')}\nunit=${hashOf('/etc/systemd/system/muster-database.service')}\n${hasKey('postgres')}bin=${this.packages.has('postgresql') ? '/usr/lib/postgresql/15/bin' : ''}\nwatchdog=no\n${unit('muster-database.service')}`;
      case 'give PostgreSQL its key':
        this.#host.files.set('/etc/muster/pool/postgres.key', key);
        return '';
      case 'reload muster-database.service':
      case 'wait for the database':
        return '';
      case 'look at the account of the database':
        return `primary=${this.isPrimary ? 'yes' : 'no'}\naccount=${this.hasAccount ? 'yes' : 'no'}\n`;
      case 'make the account of the database':
        this.hasAccount = true;
        return '';
      case 'look at the key file':
        return `key=${hashOf('/var/lib/muster/master.key')}\n${this.hasEmbedded ? 'embedded=yes\n' : ''}${this.#file('/etc/muster/muster.yaml').includes('url: postgres') ? 'url=yes\n' : ''}`;
      case 'read the key file':
        return base64('/var/lib/muster/master.key');
      case 'look for an embedded database':
        return `${this.hasEmbedded ? 'embedded=yes\n' : ''}release=${this.#host.releases.get('muster') ?? ''}\n`;
      case 'move the embedded database':
        this.hasEmbedded = false;
        this.#host.services.delete('muster.service');
        return '';
      default:
        if (!label.startsWith('install ') || label.startsWith('install the ')) return undefined;
        for (const name of label.slice('install '.length).split(', ')) this.packages.add(name);
        return '';
    }
  }
}
