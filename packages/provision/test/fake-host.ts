import { createHash } from 'node:crypto';
import { type Connection, type ExecOptions, type ExecResult, SshError, type UploadSource } from '@muster/ssh';
import { FakeMuster } from './fake-muster.ts';
import { debianOutput } from './host-outputs.ts';

/** A script or a program that a run sent to the host, with all that went along. */
export type Sent = { readonly label: string; readonly script: string; readonly stdin: string; readonly sudo: boolean };

type Service = { active: boolean; enabled: boolean };
type Ending = Partial<Pick<ExecResult, 'exitCode' | 'signal' | 'stdout' | 'stderr'>>;
type Program = 'muster' | 'muster-agent';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * A host in memory, as far as a run can see and change it: it knows each step by its label, keeps what was sent, and can fail at
 * any of them. Whether the scripts themselves do what their labels say is shown by other tests.
 */
export class FakeHost implements Connection {
  readonly host: Connection['host'];
  readonly user = 'operator';
  readonly hostKey: string;
  readonly closed: Connection['closed'] = new Promise(() => undefined);
  readonly sent: Sent[] = [];
  readonly uploads: { readonly path: string; readonly mode: number; readonly owner: string | undefined; readonly content: string }[] = [];
  isClosed = false;
  /** What the detect script prints. */
  facts: string;
  readonly files = new Map<string, string>();
  readonly releases = new Map<Program, string>();
  readonly services = new Map<string, Service>();
  readonly pending = new Set<string>();
  /** Phases whose proof is owed. */
  readonly unproven = new Set<string>();
  hasUser = false;
  /** Whether an upgrade has drained its server, and has not taken it back. */
  isDrained = false;
  /** Who works on it. */
  heldBy: string | undefined;
  isEnrolled = false;
  /** The id in /etc/muster/node-id. */
  mark = '';
  /** Whether /etc/muster/pki and /etc/muster/hooks.d are there. */
  hasFolders = false;
  /** Home and shell of the user muster-control; empty without one. */
  controlAccount = '';
  /** Of its SSH server, as the host itself sees it. */
  sshPort = '22';
  systemctl = '/usr/bin/systemctl';
  sudo = '/usr/bin/sudo';
  /** What it does not reach of other hosts: `tcp 10.0.0.10 7421` and how that ends. */
  readonly blocked = new Map<string, string>();
  /** Ports that other programs have, as `tcp/7421`. */
  readonly busy = new Set<string>();
  /** How often it has listened for others. */
  listened = 0;
  /** What it has noted as reached. */
  reached = '';
  /** The management server, on the driver and reached from all its fellows. */
  muster = new FakeMuster();
  /** The hash of what an installation would unpack. */
  staged: { readonly [K in Program]: string } = { muster: 'c'.repeat(64), 'muster-agent': 'a'.repeat(64) };
  /** What else the host knows: each is asked before the host itself, and says undefined of steps that are not its own. */
  readonly more: ((sent: Sent) => string | undefined)[] = [];
  readonly #troubles = new Map<string, Error | Ending | (() => void)>();

  constructor(name: string, address = '10.0.0.11') {
    this.host = { name, address, port: 22 };
    this.hostKey = `ssh-ed25519 ${Buffer.from(`the key of ${name}`).toString('base64')}`;
    this.facts = debianOutput(address, name);
  }

  /** From now on the step of this label ends so, throws, or has something done before it; undefined lets it work again. */
  trouble(label: string, how: Error | Ending | (() => void) | undefined): void {
    if (how === undefined) this.#troubles.delete(label);
    else this.#troubles.set(label, how);
  }

  /** Labels of everything that was sent and is no look. */
  get steps(): string[] {
    return this.sent.map(({ label }) => label).filter((label) => !/^(?:look|sudo|wait|muster (?:nodes|agent))/u.test(label));
  }

  forget(): void {
    this.sent.length = 0;
    this.uploads.length = 0;
  }

  async exec(command: string | readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const sent = sentBy(command, options);
    if (options.signal?.aborted === true) throw this.#aborted(sent.label);
    if (sent.label === 'hold the host') return this.#hold(options);
    if (sent.label === 'listen for the other hosts') return this.#listen(options);
    this.sent.push(sent);
    await Promise.resolve();
    const trouble = this.#troubles.get(sent.label);
    if (trouble instanceof Error) throw trouble;
    if (typeof trouble === 'function') trouble();
    else if (trouble !== undefined) return ended({ exitCode: 1, ...trouble });
    options.signal?.throwIfAborted();
    return ended({ exitCode: 0, stdout: this.#answer(sent) });
  }

  /** Until the run lets go, as on a real host until its session ends. */
  async #hold({ stdin, onOutput }: ExecOptions): Promise<ExecResult> {
    if (this.heldBy !== undefined) return ended({ exitCode: 75, stdout: `held by ${this.heldBy}\n` });
    const lines = (stdin as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.heldBy = Buffer.from((await lines.next()).value as Uint8Array)
      .toString()
      .trim();
    await onOutput?.({ stream: 'stdout', data: Buffer.from('taken\n') });
    await lines.next();
    this.heldBy = undefined;
    return ended({});
  }

  async #listen({ stdin, onOutput }: ExecOptions): Promise<ExecResult> {
    this.listened++;
    const lines = (stdin as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    const first = Buffer.from((await lines.next()).value as Uint8Array).toString();
    const ports = first.trim().split(' ').slice(1);
    const said = ports.map((port) => `${this.busy.has(port) ? 'busy' : 'bound'} ${port}\n`).join('');
    await onOutput?.({ stream: 'stdout', data: Buffer.from(`${said}ready\n`) });
    while ((await lines.next()).done !== true);
    return ended({});
  }

  async upload(from: Parameters<Connection['upload']>[0], path: string, options: Parameters<Connection['upload']>[2]) {
    await Promise.resolve();
    const trouble = this.#troubles.get(`upload ${path}`);
    if (trouble instanceof Error) throw trouble;
    const content = isSource(from) ? await allOf(from) : textOf(from);
    this.uploads.push({ path, mode: options.mode, owner: options.owner, content });
    const changed = this.files.get(path) !== content;
    this.files.set(path, content);
    return { changed, sentBytes: content.length, sha256: sha256(content) };
  }

  ask(): never {
    throw new Error('a fake host has no forced command');
  }

  openStream(): never {
    throw new Error('nothing is reached through a fake host');
  }

  openTerminal(): never {
    throw new Error('nobody sits at a fake host');
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  #aborted(label: string): SshError {
    return new SshError({ kind: 'aborted', host: this.host, what: 'the command was cancelled', advice: 'Run it again.', command: label });
  }

  #answer(sent: Sent): string {
    const { label, script, stdin } = sent;
    for (const answer of this.more) {
      const said = answer(sent);
      if (said !== undefined) return said;
    }
    const plain = this.#plainSteps.get(label);
    if (plain !== undefined) return plain(script, stdin);
    if (label.startsWith('muster ')) return this.muster.run(wordsOf(script).slice(3), stdin);
    if (label.startsWith('make ')) return '';
    if (label.startsWith('note that ')) return this.#noteProof(label);
    const unit = /^(?:look at|start) (?<unit>[\w-]+\.service)$/u.exec(label)?.groups?.['unit'];
    if (unit === undefined) throw new Error(`the fake host does not know the step "${label}"`);
    return label.startsWith('start') ? this.#start(unit) : this.#lookAtUnit(unit);
  }

  readonly #plainSteps = new Map<string, (script: string, stdin: string) => string>([
    ['sudo id -u', () => '0\n'],
    ['look at the host', () => this.facts + this.reached.replaceAll(/^(?=.)/gmu, 'reached=')],
    ['look whether the other hosts answer', (_script, stdin) => this.#tryPorts(stdin)],
    ['note what was reached', (_script, stdin) => this.#note(stdin)],
    ['look at the package sources', () => ''],
    ['look for installed releases', () => `muster=${this.#release('muster')}\nmuster-agent=${this.#release('muster-agent')}\n`],
    ['look at the server', () => this.#lookAtServer()],
    ['look at the agent', () => this.#lookAtAgent()],
    ['look at the database with the new release', () => ''],
    ['install the server', (script) => this.#install('muster', script)],
    ['install the agent', (script) => this.#install('muster-agent', script)],
    ['wait for the server to answer', () => ''],
    ['enrol the agent', (_script, stdin) => this.#enrol(stdin)],
    ['mark the host', (_script, stdin) => this.#mark(stdin)],
    ['look at the SSH port', () => this.sshPort],
    ['look at the control access', () => this.#lookAtControl()],
    ['enable the control access', () => this.#enableControl()],
    ['remove the control access', () => this.#removeControl()],
  ]);

  #tryPorts(stdin: string): string {
    const names = stdin
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ').slice(0, 3).join(' '));
    return names.map((name) => `${name} ${this.blocked.get(name) ?? 'ok'}\n`).join('');
  }

  #noteProof(label: string): string {
    const [, phase = '', how] = /^note that (\S+) is (to be )?proved$/u.exec(label) ?? [];
    if (how === undefined) this.unproven.delete(phase);
    else this.unproven.add(phase);
    return '';
  }

  /** What a look prints of it. */
  owes(phase: string): string {
    return this.unproven.has(phase) ? 'unproven=yes\n' : '';
  }

  #note(stdin: string): string {
    this.reached = stdin;
    return '';
  }

  #release(program: Program): string {
    return this.releases.get(program) ?? '';
  }

  #hash(path: string): string {
    const content = this.files.get(path);
    return content === undefined ? 'none' : sha256(content);
  }

  #lookAtServer(): string {
    return [
      `release=${this.#release('muster')}`,
      `user=${this.hasUser ? 'yes' : 'no'}`,
      `unit=${this.#hash('/etc/systemd/system/muster.service')}`,
      `config=${this.#hash('/etc/muster/muster.yaml')}`,
      `password=${this.#hash('/etc/muster/pool/patroni-password')}`,
      `drained=${this.isDrained ? 'yes' : ''}`,
      this.#lookAtUnit('muster.service'),
    ].join('\n');
  }

  #lookAtAgent(): string {
    return [
      `release=${this.#release('muster-agent')}`,
      `config=${this.#hash('/etc/muster/agent.json')}`,
      `unit=${this.#hash('/etc/systemd/system/muster-agent.service')}`,
      `unit_source=${this.#release('muster-agent') === '' ? 'none' : sha256('unit of the agent')}`,
      `enrolled=${this.isEnrolled ? 'yes' : 'no'}`,
      `mark=${this.mark}`,
      `folders=${this.hasFolders ? 'yes' : 'no'}`,
    ].join('\n');
  }

  #lookAtControl(): string {
    return [
      `account=${this.controlAccount}`,
      `systemctl=${this.systemctl}`,
      `program=${this.#hash('/var/lib/muster-control/control')}`,
      `keys=${this.#hash('/var/lib/muster-control/.ssh/authorized_keys')}`,
      `sudoers=${this.#hash('/etc/sudoers.d/muster-control')}`,
      `sudo=${this.sudo}`,
    ].join('\n');
  }

  #enableControl(): string {
    this.controlAccount = '/var/lib/muster-control:/var/lib/muster-control/control';
    this.files.set('/etc/sudoers.d/muster-control', this.files.get('/var/lib/muster-control/sudoers') ?? '');
    this.files.delete('/var/lib/muster-control/sudoers');
    return '';
  }

  #removeControl(): string {
    this.controlAccount = '';
    for (const path of this.files.keys()) if (path.includes('muster-control')) this.files.delete(path);
    return '';
  }

  #lookAtUnit(unit: string): string {
    const { active, enabled } = this.services.get(unit) ?? { active: false, enabled: false };
    const pending = this.pending.has(unit) ? 'yes' : 'no';
    return `active=${active ? 'active' : 'inactive'}\nenabled=${enabled ? 'enabled' : 'disabled'}\npending=${pending}\n`;
  }

  #install(program: Program, script: string): string {
    this.pending.add(`${program}.service`);
    if (script.includes('tar -xzf')) this.releases.set(program, this.staged[program]);
    if (program === 'muster') this.hasUser = true;
    else this.files.set('/etc/systemd/system/muster-agent.service', 'unit of the agent');
    if (script.includes('/etc/muster/pki')) this.hasFolders = true;
    return '';
  }

  #start(unit: string): string {
    this.services.set(unit, { active: true, enabled: true });
    if (unit === 'muster.service') this.muster.serve(this.host.name, '0.2.0');
    this.pending.delete(unit);
    if (unit === 'muster-agent.service' && this.isEnrolled) this.muster.hear(this.host.name);
    return '';
  }

  #enrol(stdin: string): string {
    const [id = '', token = ''] = stdin.split('\n');
    this.#mark(id);
    this.muster.redeem(token);
    this.isEnrolled = true;
    return 'Enrolled.\n';
  }

  #mark(stdin: string): string {
    this.mark = stdin.trim();
    return '';
  }
}

function sentBy(command: string | readonly string[], { label = '', stdin, sudo = false }: ExecOptions): Sent {
  return { label, script: typeof command === 'string' ? command : command.join(' '), stdin: textOf(stdin ?? ''), sudo };
}

/** One that only tells of a file by its path is that path; see `textOf`. */
const isSource = (from: unknown): from is UploadSource =>
  typeof from === 'object' && from !== null && 'open' in from && 'sha256' in from && !('path' in from);

async function allOf(source: UploadSource): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.open()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** A local path stands for the content of the file. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (content instanceof Uint8Array) return Buffer.from(content).toString();
  if (typeof content === 'object' && content !== null && 'path' in content) return String(content.path);
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content) return '';
  throw new Error('the fake host takes text and bytes only');
}

/** The words of a command whose every word is quoted. */
export const wordsOf = (script: string): string[] => [...script.matchAll(/'([^']*)'/gu)].map((match) => match[1] ?? '');

const ended = (how: Ending): ExecResult => ({
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: '',
  stdoutBytes: Buffer.from(how.stdout ?? ''),
  stderrBytes: Buffer.from(how.stderr ?? ''),
  truncated: false,
  durationMs: 1,
  ...how,
});
