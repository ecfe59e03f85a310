import { InventoryError } from './inventory-error.ts';
import { PythonFloat, TaggedText, textOf, type Variables } from './inventory-value.ts';

/**
 * How to reach a host and become root on it, as far as the inventory says so. What it leaves
 * open is absent; defaults (port 22, the local user) belong to whoever connects.
 */
export interface HostConnection {
  /** The name in the inventory. */
  readonly host: string;
  /** A name or an address; the host's own name when no variable sets one. */
  readonly address: string;
  /** `ssh` when absent; `local` means no connection at all. */
  readonly connection?: string;
  readonly port?: number;
  readonly user?: string;
  /** As written: `~` is not expanded. */
  readonly privateKeyFile?: string;
  readonly password?: string;
  readonly become?: boolean;
  readonly becomeMethod?: string;
  readonly becomeUser?: string;
  readonly becomePassword?: string;
  readonly isHostKeyChecked?: boolean;
  readonly connectTimeoutSeconds?: number;
  /** Options for the OpenSSH client, as one string each in the order they are applied. */
  readonly sshArguments?: readonly string[];
}

const NAMES = {
  address: ['ansible_host', 'ansible_ssh_host'],
  connection: ['ansible_connection'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  privateKeyFile: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  password: ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
  become: ['ansible_become'],
  becomeMethod: ['ansible_become_method'],
  becomeUser: ['ansible_become_user', 'ansible_sudo_user'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass'],
  isHostKeyChecked: ['ansible_host_key_checking', 'ansible_ssh_host_key_checking'],
  connectTimeoutSeconds: ['ansible_ssh_timeout'],
} as const satisfies Record<string, readonly string[]>;

const SSH_ARGUMENTS: readonly string[] = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'];

const { address: ADDRESS_NAMES, port: PORT_NAMES, ...LOGIN_NAMES } = NAMES;

/** Variables that say where a host is. */
export const addressVariables: ReadonlySet<string> = new Set([...ADDRESS_NAMES, ...PORT_NAMES]);

/** Variables that say how to log in to a host. */
export const loginVariables: ReadonlySet<string> = new Set([...Object.values(LOGIN_NAMES).flat(), ...SSH_ARGUMENTS, 'muster_transport']);

/**
 * Reads the connection variables of a host. Where several names mean the same, the last one
 * listed in Ansible's ssh and sudo plugins wins: the legacy name (`ansible_ssh_host` over
 * `ansible_host`, `ansible_sudo_pass` over `ansible_become_password`). Throws InventoryError
 * naming host and variable (never a value that may be secret) for a port that is none, a
 * template, an encrypted value.
 */
export function connectionOf(host: string, variables: Variables): HostConnection {
  const reader = new ConnectionReader(host, variables);
  const sshArguments = SSH_ARGUMENTS.flatMap((name) => reader.text([name]) ?? []);
  const found = {
    connection: reader.text(NAMES.connection),
    port: reader.port(),
    user: reader.text(NAMES.user),
    privateKeyFile: reader.text(NAMES.privateKeyFile),
    password: reader.text(NAMES.password),
    become: reader.flag(NAMES.become),
    becomeMethod: reader.text(NAMES.becomeMethod),
    becomeUser: reader.text(NAMES.becomeUser),
    becomePassword: reader.text(NAMES.becomePassword),
    isHostKeyChecked: reader.flag(NAMES.isHostKeyChecked),
    connectTimeoutSeconds: reader.seconds(),
    sshArguments: sshArguments.length === 0 ? undefined : sshArguments,
  };
  return { host, address: reader.address(), ...withoutUndefined(found) };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(record: T): Defined<T> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

class ConnectionReader {
  readonly #host: string;
  readonly #variables: Variables;

  constructor(host: string, variables: Variables) {
    this.#host = host;
    this.#variables = variables;
  }

  /** The text of the last of `names` that is set; undefined for none and for the empty text. */
  text(names: readonly string[]): string | undefined {
    const name = this.#lastSet(names);
    if (name === undefined) return undefined;
    const value = this.#variables.get(name);
    if (value instanceof TaggedText && value.tag === 'vault') {
      throw this.#error(name, 'is encrypted with ansible-vault, and no password was given that opens it');
    }
    const text = textOf(value);
    if (text === undefined) throw this.#error(name, 'is a list or a map, and must be text');
    const isTemplate = !(value instanceof TaggedText) && /\{\{|\{%/u.test(text);
    if (isTemplate) throw this.#error(name, 'is a template, and templates are not evaluated');
    return text === '' ? undefined : text;
  }

  address(): string {
    const name = this.#lastSet(NAMES.address);
    const address = this.text(NAMES.address);
    if (name !== undefined && address === undefined) throw this.#error(name, 'is empty');
    return address ?? this.#host;
  }

  port(): number | undefined {
    const name = this.#lastSet(NAMES.port);
    if (name === undefined) return undefined;
    const text = this.text(NAMES.port) ?? '';
    const port = /^[0-9]{1,5}$/u.test(text) ? Number(text) : 0;
    if (port >= 1 && port <= 65_535) return port;
    throw this.#error(name, 'is not a port from 1 to 65535');
  }

  seconds(): number | undefined {
    const text = this.text(NAMES.connectTimeoutSeconds);
    if (text === undefined) return undefined;
    const seconds = Number(text);
    if (Number.isFinite(seconds) && seconds > 0) return seconds;
    throw this.#error(NAMES.connectTimeoutSeconds[0], 'is not a number of seconds');
  }

  /** A boolean by Ansible's words: yes, on, 1, true, t, y and their opposites. */
  flag(names: readonly string[]): boolean | undefined {
    const name = this.#lastSet(names);
    const value = name === undefined ? undefined : this.#variables.get(name);
    const number = value instanceof PythonFloat ? value.value : value;
    const word = typeof number === 'number' ? String(number) : this.text(names)?.toLowerCase();
    if (name === undefined || word === undefined) return undefined;
    if (/^(?:y|yes|on|1|true|t)$/u.test(word)) return true;
    if (/^(?:n|no|off|0|false|f)$/u.test(word)) return false;
    throw this.#error(name, 'is neither true nor false');
  }

  #lastSet(names: readonly string[]): string | undefined {
    return names.findLast((name) => (this.#variables.get(name) ?? null) !== null);
  }

  #error(name: string, what: string): InventoryError {
    return new InventoryError({
      problem: `host ${this.#host}: ${name} ${what}`,
      advice: `Set ${name} for ${this.#host} in the inventory or its host_vars, or remove it.`,
    });
  }
}
