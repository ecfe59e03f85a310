import { type Launch, PLAIN_LAUNCH, SUDO_LAUNCH, sudoPasswordLaunch } from './launch.ts';
import { badInputError, type HostIdentity, isSshError } from './ssh-error.ts';

/** How a connection becomes root. */
export interface SudoSettings {
  /**
   * The password for sudo, or how to get it; asked for only on hosts where sudo wants one. A function is expected to
   * remember its answer, so that a person is asked once for all hosts; undefined means that there is none.
   */
  readonly sudoPassword?: string | (() => Promise<string | undefined>) | undefined;
  /** Run sudo even when logged in as root, which needs none. Default false. */
  readonly sudoForRoot?: boolean | undefined;
}

/** Becomes root on one connection, and remembers how. */
export class SudoAccess {
  readonly #host: HostIdentity;
  readonly #settings: SudoSettings;
  readonly #isRoot: boolean;
  #provenPassword: string | undefined;

  constructor(host: HostIdentity, user: string, settings: SudoSettings) {
    this.#host = host;
    this.#settings = settings;
    this.#isRoot = user === 'root' && settings.sudoForRoot !== true;
  }

  /**
   * Tries without a password first. A script never runs twice: the second attempt comes only after sudo refused to start
   * the first one's shell.
   */
  async run<T>(attempt: (launch: Launch) => Promise<T>): Promise<T> {
    if (this.#isRoot) {
      return await attempt(PLAIN_LAUNCH);
    }
    if (this.#provenPassword !== undefined) {
      return await attempt(sudoPasswordLaunch(this.#provenPassword));
    }
    try {
      return await attempt(SUDO_LAUNCH);
    } catch (error) {
      const password = isSshError(error, 'sudoPasswordNeeded') ? await this.#password() : undefined;
      if (password === undefined) {
        throw error;
      }
      return await this.#runWith(password, attempt);
    }
  }

  async #runWith<T>(password: string, attempt: (launch: Launch) => Promise<T>): Promise<T> {
    const value = await attempt(sudoPasswordLaunch(password));
    this.#provenPassword = password;
    return value;
  }

  async #password(): Promise<string | undefined> {
    const { sudoPassword } = this.#settings;
    const password = typeof sudoPassword === 'function' ? await sudoPassword() : sudoPassword;
    if (password !== undefined && /[\n\r\0]/.test(password)) {
      throw badInputError(this.#host, 'the sudo password contains a line break', 'Give it without one.');
    }
    return password;
  }
}
