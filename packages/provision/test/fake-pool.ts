import { createHash } from 'node:crypto';
import { sharedSettings } from '../src/pool/patroni-files.ts';
import { type FakeHost, type Sent, wordsOf } from './fake-host.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

const yes = (is: boolean): string => (is ? 'yes' : 'no');

/** The part of a fake host that belongs to a pool: what its steps would find and change. */
export class FakePoolMachine {
  readonly #host: FakeHost;
  packages = new Set<string>();
  /** What its sources would give. */
  candidate = '4.0.7-3~deb13u1';
  hasEtcdData = false;
  /** Whether the others have taken its etcd out, which says so and does not start. */
  isTakenOut = false;
  isFounded = false;
  isPrimary = false;
  /** What etcd says of voters that are not well. */
  sickVoters = '';
  hasAccount = false;
  /** Whether the account may see who copies the database: made by an older release, it may not. */
  maySeeCopies = true;
  hasEmbedded = false;
  /** Whether settings of the database were changed and not yet read. */
  owesReload = false;
  /** What Patroni keeps for all; made with what Muster asks for today, and something of the user's own. */
  settings: Record<string, unknown> = { ...sharedSettings, postgresql: { ...sharedSettings.postgresql, parameters: { work_mem: '8MB' } } };
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

  #answer(sent: Sent): string | undefined {
    const known = this.#looks.get(sent.label) ?? this.#acts.get(sent.label);
    if (known !== undefined) return known(sent);
    if (!sent.label.startsWith('install ') || sent.label.startsWith('install the ')) return undefined;
    for (const name of sent.label.slice('install '.length).split(', ')) this.packages.add(name);
    return '';
  }

  readonly #looks = new Map<string, (sent: Sent) => string>([
    ['look at the pool', () => this.#lookAtPool()],
    [
      'look at the authority of the pool',
      () => `${this.#lookAtPool()}${this.#unit('muster-etcd.service')}reload=${yes(this.owesReload)}\n`,
    ],
    ['look at the record of the pool', () => this.#file('/etc/muster/pool/pool.json')],
    ['look for packages of the pool', ({ script }) => this.#lookForPackages(script)],
    ['look at the etcd of the pool', () => this.#lookAtEtcd()],
    ['look for a quorum', () => this.#lookForQuorum()],
    ['look at the database of the pool', () => this.#lookAtDatabase()],
    ['look at the account of the database', () => this.#lookAtAccount()],
    ['look at the settings that databases share', () => `primary=${yes(this.isPrimary)}\nsettings=${JSON.stringify(this.settings)}\n`],
    ['look at the key file', () => this.#lookAtKeyFile()],
    ['look for an embedded database', () => `embedded=${yes(this.hasEmbedded)}\nrelease=${this.#host.releases.get('muster') ?? ''}\n`],
    ['look at the voters', () => this.sickVoters],
    ['look for an upgrade', () => (this.#host.isDrained ? 'drained=yes\n' : '')],
    ...['status', 'drain', 'undrain'].map((what) => [`muster pool ${what}`, (sent: Sent) => this.#pool(sent)] as const),
    ['read the key file', () => this.#base64('/var/lib/muster/master.key')],
  ]);

  readonly #acts = new Map<string, (sent: Sent) => string | undefined>([
    ['make /etc/muster/pool', ({ script }) => this.#noteReaders(script)],
    ['put the certificate of the pool in place', () => this.#putInPlace()],
    ['keep the packages of the pool quiet', () => ''],
    ['give etcd its key', () => this.#copyKey('etcd')],
    ['throw away what a removed etcd had', () => this.#throwAway()],
    ['admit a member to etcd', ({ stdin }) => this.#admit(stdin)],
    ['start muster-etcd.service', () => this.#startEtcd()],
    ['wait for a quorum', () => this.#found()],
    ['give PostgreSQL its key', (sent) => this.#giveDatabaseKey(sent)],
    ['reload muster-database.service', () => this.#reload()],
    ['wait for the database', () => ''],
    ['make the account of the database', () => this.#makeAccount()],
    ['change the settings that databases share', ({ stdin }) => this.#change(stdin)],
    ['move the embedded database', () => this.#move()],
    ['note the upgrade', ({ script }) => this.#noteUpgrade(script)],
  ]);

  #pool({ script }: Sent): string {
    return this.#host.muster.runPool(this.#host.host.name, wordsOf(script).slice(4), this.isPrimary);
  }

  #noteUpgrade(script: string): string {
    this.#host.isDrained = !script.includes('rm -f');
    return '';
  }

  #throwAway(): string {
    this.hasEtcdData = false;
    this.isTakenOut = false;
    return '';
  }

  #lookAtAccount(): string {
    return `primary=${yes(this.isPrimary)}\naccount=${yes(this.hasAccount)}\ncopies=${yes(this.hasAccount && this.maySeeCopies)}\n`;
  }

  #noteReaders(script: string): string {
    if (script.includes(': > /run/muster-restart-pending.muster-etcd.service')) this.#host.pending.add('muster-etcd.service');
    if (script.includes(': > /run/muster-reload-pending.muster-database.service')) this.owesReload = true;
    return '';
  }

  /** Where a program has a key, it is the new one from here on. */
  #putInPlace(): string {
    const { files } = this.#host;
    for (const name of ['member.key', 'member.pem']) {
      files.set(`/etc/muster/pool/${name}`, this.#file(`/etc/muster/pool/${name}.next`));
      files.delete(`/etc/muster/pool/${name}.next`);
    }
    for (const name of ['etcd', 'postgres']) if (files.has(`/etc/muster/pool/${name}.key`)) this.#copyKey(name);
    return '';
  }

  #lookAtPool(): string {
    const [record, authority] = ['pool.json', 'authority.pem'].map((name) => this.#hash(`/etc/muster/pool/${name}`));
    const certificate = this.#base64('/etc/muster/pool/member.pem');
    return `record=${record}\nauthority=${authority}\ncertificate=${certificate}\nkey=${yes(this.#key !== '')}\n`;
  }

  #lookForPackages(script: string): string {
    const names = [...script.matchAll(/'([a-z0-9-]+)'/gu)].map((match) => match[1] ?? '');
    const missing = names.filter((name) => !this.packages.has(name)).map((name) => `missing=${name}\n`);
    return `${missing.join('')}patroni=${this.packages.has('patroni') ? this.candidate : ''}\ncandidate=${this.candidate}\n`;
  }

  #lookAtEtcd(): string {
    const files = `settings=${this.#hash('/etc/muster/pool/etcd.env')}\nunit=${this.#hash('/etc/systemd/system/muster-etcd.service')}\n`;
    const state = `data=${yes(this.hasEtcdData)}\nfounded=${yes(this.isFounded)}\nremoved=${yes(this.isTakenOut)}\nkey=${yes(this.#hasKey('etcd'))}\n`;
    return files + state + this.#unit('muster-etcd.service');
  }

  #lookForQuorum(): string {
    const isJoining = this.#host.files.has('/etc/muster/pool/etcd-join.env');
    return `founded=${yes(this.isFounded)}\njoining=${yes(isJoining)}\nhealthy=yes\n`;
  }

  #lookAtDatabase(): string {
    const files = `settings=${this.#hash('/etc/muster/pool/patroni.yaml')}\nunit=${this.#hash('/etc/systemd/system/muster-database.service')}\n`;
    const bin = this.packages.has('postgresql') ? '/usr/lib/postgresql/15/bin' : '';
    return `${files}key=${yes(this.#hasKey('postgres'))}\nbin=${bin}\nwatchdog=no\nreload=${yes(this.owesReload)}\n${this.#unit('muster-database.service')}`;
  }

  #lookAtKeyFile(): string {
    const isShared = this.#file('/etc/muster/muster.yaml').includes('url: postgres');
    return `key=${this.#hash('/var/lib/muster/master.key')}\nembedded=${yes(this.hasEmbedded)}\nurl=${yes(isShared)}\n`;
  }

  #admit(stdin: string): string {
    this.admitted.push(stdin.split('\n')[0] ?? '');
    return 'a=https://10.0.0.1:23800,b=https://10.0.0.2:23800';
  }

  /** The host itself starts it. */
  #startEtcd(): undefined {
    this.hasEtcdData = true;
  }

  #found(): string {
    this.isFounded = true;
    return this.#remove('/etc/muster/pool/etcd-join.env');
  }

  #giveDatabaseKey({ script }: Sent): string {
    if (script.includes(': > /run/muster-reload-pending.')) this.owesReload = true;
    return this.#copyKey('postgres');
  }

  #reload(): string {
    this.owesReload = false;
    return '';
  }

  #makeAccount(): string {
    this.hasAccount = true;
    this.maySeeCopies = true;
    return '';
  }

  #change(stdin: string): string {
    this.settings = { ...this.settings, ...(JSON.parse(stdin.split('\n')[2] ?? '') as object) };
    return '';
  }

  #move(): string {
    this.hasEmbedded = false;
    this.#host.services.delete('muster.service');
    return '';
  }

  #remove(path: string): string {
    this.#host.files.delete(path);
    return '';
  }

  get #key(): string {
    return this.#file('/etc/muster/pool/member.key');
  }

  #copyKey(name: string): string {
    this.#host.files.set(`/etc/muster/pool/${name}.key`, this.#key);
    return '';
  }

  #hasKey(name: string): boolean {
    return this.#key !== '' && this.#file(`/etc/muster/pool/${name}.key`) === this.#key;
  }

  #base64(path: string): string {
    return Buffer.from(this.#file(path)).toString('base64');
  }

  #unit(name: string): string {
    const { active, enabled } = this.#host.services.get(name) ?? { active: false, enabled: false };
    const pending = yes(this.#host.pending.has(name));
    return `active=${active ? 'active' : 'inactive'}\nenabled=${enabled ? 'enabled' : 'disabled'}\npending=${pending}\n`;
  }
}
