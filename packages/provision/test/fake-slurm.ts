import { createHash } from 'node:crypto';
import { type FakeHost, type Sent, wordsOf } from './fake-host.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
const paths = ['/etc/slurm/slurm.conf', '/etc/slurm/cgroup.conf', '/etc/slurm/gres.conf', '/etc/munge/munge.key'];

/** A driver and two workers that are to be a Slurm cluster. */
export const slurmInventory = `
[driver]
boss ansible_host=10.0.0.10
[worker]
web1 ansible_host=10.0.0.11
web2 ansible_host=10.0.0.12
[all:vars]
install_slurm=yes
`;

/** What `slurmd -C` and the rest of the look print on a machine with two sockets. */
export const hardwareOutput = `NodeName=web1 CPUs=16 Boards=1 SocketsPerBoard=2 CoresPerSocket=4 ThreadsPerCore=2 RealMemory=64213
gpus=0
container=no
`;

/** A folder that is mounted on fake hosts; each of them may have another one at the same path. */
export class FakeFolder {
  owner = '0';
  hasState = false;
  /** Lines of the mark; empty without one. */
  mark = '';
  inode = 0;
  readonly users = new Set<string>();
  readonly others: string[] = [];
}

const dropInPath = '/etc/systemd/system/slurmctld.service.d/muster.conf';

/** Slurm and munge on a fake host, as far as a run can see and change them. */
export class FakeSlurm {
  readonly installed = new Set<string>();
  hardware = hardwareOutput;
  /** What its controller says of it; empty where that does not answer. */
  state = 'idle';
  /** Whether a run has noted that it drained it. */
  isDrained = false;
  uid = '64030';
  /** What is mounted where the inventory wants the state; undefined without such a folder. */
  folder: FakeFolder | undefined;
  /** Whether slurmctld has left a state in the folder of its configuration. */
  hasCurrentState = false;
  /** From where to where it has copied. */
  readonly copied: string[] = [];
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    host.more.push((sent) => this.#answer(sent));
  }

  #answer({ label, script, stdin }: Sent): string | undefined {
    if (label === 'look for packages of Slurm')
      return wordsOf(script.split('; do')[0] ?? '')
        .filter((name) => !this.installed.has(name))
        .map((name) => `missing=${name}\n`)
        .join('');
    if (/^install (?:munge|slurm)/u.test(label)) return this.#install(label);
    if (/^start (?:munge|slurm)/u.test(label)) return this.#start(label);
    if (label.startsWith('run a job on ')) return '';
    if (/^(?:drain|resume) \S+$/u.test(label)) return this.#drained(label.startsWith('drain '), stdin);
    if (label === 'copy the state of Slurm') return this.#copy(script);
    return this.#steps.get(label)?.(stdin);
  }

  readonly #steps = new Map<string, (stdin: string) => string>([
    ['look at the hardware', () => this.hardware],
    ['look at the controller of Slurm', () => this.#seen(['munge.service', 'slurmctld.service'])],
    ['look at the node of Slurm', () => this.#seen(['munge.service', 'slurmd.service'])],
    ['look at the munge key', () => this.#seen([])],
    ['look at slurm.conf', () => this.#host.files.get('/etc/slurm/slurm.conf') ?? ''],
    ['look at gres.conf', () => this.#host.files.get('/etc/slurm/gres.conf') ?? ''],
    ['make the munge key', () => this.#key(this.#host.files.get('/etc/munge/munge.key') ?? `key of ${this.#host.host.name}`)],
    ['read the munge key', () => Buffer.from(this.#host.files.get('/etc/munge/munge.key') ?? '').toString('base64')],
    ['take the munge key', (stdin) => this.#key(Buffer.from(stdin, 'base64').toString())],
    ['wait for slurmctld', () => ''],
    ['ask Slurm for the node', () => `node=${this.#host.host.name}\nstate=${this.state}\n`],
    ['note the drain of jobs', () => ((this.isDrained = true), '')],
    ['wait for the controller of Slurm', () => ''],
    ['look for the folder of the state', () => (this.folder === undefined ? '' : 'there=yes\n')],
    ['look at the state of Slurm', () => this.#state()],
    ['mark the folder of the state', (stdin) => this.#mark(stdin)],
    ['look for the mark in the folder of the state', () => ''],
    ['note the controller of the state', () => this.#register()],
    ['stop slurmctld for its state to move', () => this.#stop()],
    ['note the drop-in of slurmctld', () => ''],
    ['read the units again', () => ''],
    ['remove the drop-in of slurmctld', () => String(this.#host.files.delete(dropInPath)).slice(0, 0)],
  ]);

  #install(label: string): string {
    for (const name of label.slice('install '.length).split(', ')) this.installed.add(name);
    return '';
  }

  #drained(isAway: boolean, stdin: string): string {
    if (!isAway) this.isDrained = false;
    if (!isAway) this.state = 'idle';
    else if (stdin.endsWith('muster reboot\n')) this.state = 'drained';
    return '';
  }

  #key(key: string): string {
    this.#host.files.set('/etc/munge/munge.key', key);
    return '';
  }

  #start(label: string): string {
    for (const unit of label.slice('start '.length).split(' and ')) this.#host.services.set(unit, { active: true, enabled: true });
    return '';
  }

  #seen(units: readonly string[]): string {
    const hashes = paths.map((path) => `${path}=${this.#host.files.has(path) ? sha256(this.#host.files.get(path) ?? '') : 'none'}`);
    const services = units.map((unit) => {
      const { active, enabled } = this.#host.services.get(unit) ?? { active: false, enabled: false };
      return `service=${unit}\nactive=${active ? 'active' : 'inactive'}\nenabled=${enabled ? 'enabled' : 'disabled'}\npending=no`;
    });
    return [...(this.isDrained ? ['drained=yes'] : []), ...hashes, ...services].join('\n');
  }

  #state(): string {
    const dropIn = this.#host.files.get(dropInPath);
    const { name } = this.#host.host;
    const folder = this.folder;
    return [
      ...confLines(this.#host.files.get('/etc/slurm/slurm.conf') ?? ''),
      `hostname=${name}`,
      `uid=${this.installed.has('slurmctld') ? this.uid : ''}`,
      `current_state=${this.hasCurrentState ? 'yes' : 'no'}`,
      `drop_in=${dropIn === undefined ? 'none' : sha256(dropIn)}`,
      `noted=${folder?.users.has(name) === true ? 'yes' : 'no'}`,
      ...(folder === undefined ? [] : folderLines(folder, this.uid)),
    ].join('\n');
  }

  #mark(stdin: string): string {
    const folder = (this.folder ??= new FakeFolder());
    folder.owner = this.uid;
    folder.inode += 1;
    folder.mark = `token=${folder.inode}\n${stdin}`;
    return String(folder.inode);
  }

  #register(): string {
    this.folder?.users.add(this.#host.host.name);
    return '';
  }

  #stop(): string {
    this.#host.services.set('slurmctld.service', { active: false, enabled: true });
    return '';
  }

  #copy(script: string): string {
    this.copied.push(wordsOf(script).slice(0, 2).join(' -> '));
    return '';
  }
}

const confLines = (conf: string): string[] => [
  `primary=${/^SlurmctldHost=([^(]*)/mu.exec(conf)?.[1] ?? ''}`,
  `current=${/^StateSaveLocation=(.*)$/mu.exec(conf)?.[1] ?? ''}`,
];

const folderLines = ({ owner, mark, inode, users, others, hasState }: FakeFolder, uid: string): string[] => [
  'there=yes',
  `owner=${owner}`,
  `writable=${owner === uid ? 'yes' : 'no'}`,
  `state=${hasState ? 'yes' : 'no'}`,
  ...mark.split('\n').flatMap((line) => (line === '' ? [] : [`mark_${line}`])),
  `inode=${inode}`,
  ...[...users].map((name) => `user=${name}`),
  ...others.map((name) => `other=${name}`),
];
