import { createHostKeyChecker, type HostKeyChecker, type HostKeyCheckerOptions, type HostKeyPolicy } from './host-key-checker.ts';
import type { SshSettings } from './ssh-settings.ts';

/** What the operator says about host keys; what is open follows OpenSSH's configuration. */
export interface HostKeyWishes {
  readonly policy?: HostKeyPolicy | undefined;
  /** In place of all configured known_hosts files. */
  readonly files?: readonly string[] | undefined;
  readonly confirmHostKey?: HostKeyCheckerOptions['confirmHostKey'];
}

/** The checkers of a run: one for each policy and set of files, so that files are read once and people asked once. */
export class HostKeyCheckers {
  readonly #wishes: HostKeyWishes;
  readonly #checkers = new Map<string, HostKeyChecker>();

  constructor(wishes: HostKeyWishes) {
    this.#wishes = wishes;
  }

  /** The checker for a host with these settings. `isChecked` false (the inventory's word) lets every key pass but a revoked one. */
  checkerFor(settings: SshSettings, isChecked: boolean | undefined): HostKeyChecker {
    const { policy, files } = this.checkFor(settings, isChecked);
    const mayAsk = this.#wishes.policy !== undefined || settings.strictHostKeyChecking !== 'yes';
    const key = JSON.stringify([policy, mayAsk, files]);
    let checker = this.#checkers.get(key);
    if (checker === undefined) {
      checker = createHostKeyChecker({ policy, files, confirmHostKey: mayAsk ? this.#wishes.confirmHostKey : undefined });
      this.#checkers.set(key, checker);
    }
    return checker;
  }

  /** How strictly, and by which files. */
  checkFor(settings: SshSettings, isChecked: boolean | undefined): { policy: HostKeyPolicy; files: readonly string[] } {
    const configured = settings.strictHostKeyChecking === 'yes' ? 'ask' : settings.strictHostKeyChecking;
    const policy = isChecked === false ? 'no' : (this.#wishes.policy ?? configured);
    return { policy, files: this.#wishes.files ?? settings.knownHostsFiles };
  }
}
