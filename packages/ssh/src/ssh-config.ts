import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { areSharable, classesOf, type ClassOf } from './config-classes.ts';
import { errorCode } from './file-lock.ts';
import { Slots } from './slots.ts';
import { type HostIdentity, oneLine, SshError } from './ssh-error.ts';
import { readSshSettings, type SshSettings } from './ssh-settings.ts';

/** What is asked about a host: what is said already decides which parts of the configuration apply to it (`Match`). */
export interface SshQuestion {
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Further arguments for `ssh`, from {@link readSshArguments}. */
  readonly words?: readonly string[] | undefined;
}

/** Settings of {@link SshConfig}. */
export interface SshConfigOptions {
  /** In place of `~/.ssh/config` and `/etc/ssh/ssh_config`; `none` for no file at all. */
  readonly file?: string | undefined;
  /** Default: `ssh`, looked for in PATH. */
  readonly program?: string | undefined;
  /** Told once when there is a configuration and no OpenSSH client to read it. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** Programs at a time: each costs a few milliseconds of a processor. */
const AT_A_TIME = 4;
const PATIENCE_MS = 20_000;

/**
 * OpenSSH's client configuration, read by OpenSSH itself (`ssh -G`): its rules (Match, Include, patterns, tokens) have one
 * implementation. Each question is asked once in a run, and hosts between which the files make no difference share one answer.
 */
export class SshConfig {
  readonly #options: SshConfigOptions;
  readonly #slots = new Slots(AT_A_TIME);
  readonly #answers = new Map<string, Promise<SshSettings | undefined>>();
  /** By all that is asked but the address: how the configuration divides hosts. */
  readonly #classes = new Map<string, Promise<ClassOf | undefined>>();
  /** By that and the class: what was said about the first host of it. */
  readonly #samples = new Map<string, Promise<Sample | undefined>>();
  readonly #knownOptions = new Map<string, Promise<boolean>>();
  #hasAnswered = false;
  #noticed = false;

  constructor(options: SshConfigOptions = {}) {
    this.#options = options;
  }

  /** `-F FILE`, where a file was given. */
  get fileWords(): readonly string[] {
    return this.#options.file === undefined ? [] : ['-F', this.#options.file];
  }

  /** The `ssh` program. */
  get program(): string {
    return this.#options.program ?? 'ssh';
  }

  /** Whether there is an OpenSSH client on this machine. */
  async hasProgram(): Promise<boolean> {
    return this.#hasAnswered || (await this.knowsOption('BatchMode=yes'));
  }

  /** Whether the program is there and knows an option, given as `Name=value`. Asked once each. */
  knowsOption(option: string): Promise<boolean> {
    let answer = this.#knownOptions.get(option);
    if (answer === undefined) {
      answer = run(this.program, ['-G', '-T', '-F', '/dev/null', '-o', option, '--', 'any']).then(({ error }) => error === null);
      this.#knownOptions.set(option, answer);
    }
    return answer;
  }

  /**
   * The settings of a host; undefined where there is no OpenSSH client. Rejects with `sshConfigUnusable` for a mistake in the
   * configuration, and where arguments or a file are given that only an OpenSSH client can read.
   */
  settingsOf(host: HostIdentity, question: SshQuestion): Promise<SshSettings | undefined> {
    const key = JSON.stringify(this.#wordsOf(question));
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#settings(host, question);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #wordsOf({ address, port, user, words = [] }: SshQuestion): string[] {
    const said = [...(port === undefined ? [] : ['-p', String(port)]), ...(user === undefined ? [] : ['-l', user])];
    // With -v it also tells which files it reads.
    return ['-G', '-T', '-v', ...this.fileWords, ...said, ...words, '--', address];
  }

  async #settings(host: HostIdentity, question: SshQuestion): Promise<SshSettings | undefined> {
    const sample = await this.#sampleFor(host, question);
    return sample === undefined ? undefined : readSshSettings(answerFrom(sample, question.address), question.address);
  }

  /** What is said about this host, or about another that the configuration does not tell from it. */
  async #sampleFor(host: HostIdentity, question: SshQuestion): Promise<Sample | undefined> {
    const alone = (): Promise<Sample | undefined> => this.#slots.hold(() => this.#ask(host, question));
    if (!areSharable(question.words ?? [])) {
      return await alone();
    }
    const rest = JSON.stringify(this.#wordsOf({ ...question, address: '' }));
    const known = this.#classes.get(rest);
    if (known === undefined) {
      const first = alone();
      this.#classes.set(rest, this.#divide(first, rest, question));
      return await first;
    }
    const key = keyIn(await known, rest, question);
    if (key === undefined) {
      return await alone();
    }
    const sample = this.#samples.get(key) ?? alone();
    this.#samples.set(key, sample);
    return await sample;
  }

  /** Reads how the files divide hosts. The first answer stands among the samples before anybody looks for it there. */
  async #divide(first: Promise<Sample | undefined>, rest: string, question: SshQuestion): Promise<ClassOf | undefined> {
    const classOf = await first.then((sample) => classesOf(sample?.files ?? [])).catch(() => undefined);
    const key = keyIn(classOf, rest, question);
    if (key !== undefined) {
      this.#samples.set(key, first);
    }
    return classOf;
  }

  async #ask(host: HostIdentity, question: SshQuestion): Promise<Sample | undefined> {
    const { error, stdout, stderr } = await run(this.program, this.#wordsOf(question));
    if (error === null) {
      this.#hasAnswered = true;
      return { address: question.address, answer: stdout, files: filesRead(stderr) };
    }
    if (errorCode(error) !== 'ENOENT') {
      throw unusable(host, `ssh does not take it: ${oneLine(withoutDebug(stderr)) || oneLine(error.message)}`, error);
    }
    if (this.#options.file !== undefined || (question.words ?? []).length > 0) {
      throw unusable(host, 'there is no OpenSSH client on this machine to read it', error);
    }
    await this.#notice();
    return undefined;
  }

  /** The machine's own file is there with every OpenSSH client and says little; the user's was written by somebody. */
  async #notice(): Promise<void> {
    const file = join(homedir(), '.ssh', 'config');
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists && !this.#noticed) {
      this.#noticed = true;
      this.#options.onNotice?.(`${file} is not honoured, because there is no OpenSSH client (ssh) on this machine to read it.`);
    }
  }
}

/** What OpenSSH said about one host, and from which files. */
type Sample = { readonly address: string; readonly answer: string; readonly files: readonly string[] };

/** Undefined where the host must be asked about by itself. */
function keyIn(classOf: ClassOf | undefined, rest: string, { address }: SshQuestion): string | undefined {
  const name = classOf?.(address);
  return name === undefined ? undefined : JSON.stringify([rest, name]);
}

/** The answer for another host of the same class: without a HostName it is its own. */
function answerFrom({ address, answer }: Sample, other: string): string {
  const own = `hostname ${address.toLowerCase()}`;
  return answer
    .split('\n')
    .map((line) => (address !== other && line.toLowerCase() === own ? `hostname ${other}` : line))
    .join('\n');
}

function filesRead(debug: string): string[] {
  return [...debug.matchAll(/^debug1: Reading configuration data (.+?)\r?$/gmu)].map(([, file = '']) => file);
}

const withoutDebug = (stderr: string): string => stderr.replaceAll(/^(?:debug\d:|OpenSSH_).*\r?\n?/gmu, '');

type Ended = { readonly error: Error | null; readonly stdout: string; readonly stderr: string };

function run(program: string, words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { timeout: PATIENCE_MS }, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
    child.stdin?.end();
  });
}

function unusable(host: HostIdentity, what: string, cause: Error): SshError {
  return new SshError({
    kind: 'sshConfigUnusable',
    host,
    what: `the SSH configuration cannot be used: ${what}`,
    advice:
      'Correct ~/.ssh/config (or the file of --ssh-config) and the SSH arguments in the inventory; `ssh -G HOST` shows the same error.',
    cause,
  });
}
