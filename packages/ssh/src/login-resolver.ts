import { defaultKnownHostsFiles } from './host-key-checker.ts';
import { HostKeyCheckers, type HostKeyWishes } from './host-key-checkers.ts';
import { type HostLogin, identityOfLogin, type ResolvedLogin } from './host-login.ts';
import type { KeyRing } from './key-ring.ts';
import { readSshArguments, type SshArguments } from './ssh-arguments.ts';
import { SshConfig, type SshConfigOptions } from './ssh-config.ts';
import { readSshSettings, type SshSettings } from './ssh-settings.ts';
import { checkTarget, type SshTarget } from './ssh-target.ts';

/** What the operator says for all hosts of a run. */
export interface LoginDefaults extends HostKeyWishes {
  readonly keys: KeyRing;
  /** OpenSSH's configuration: which file, and whom to tell that it cannot be read. */
  readonly config?: SshConfigOptions | undefined;
  /** User and key where the inventory names none; they win over the configuration. */
  readonly user?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  /** Wins over the configuration's ConnectTimeout. */
  readonly connectTimeoutSeconds?: number | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 20;

/** Fills what a login leaves open: the inventory first, then the operator's options, OpenSSH's configuration, defaults. */
export class LoginResolver {
  readonly config: SshConfig;
  readonly #defaults: LoginDefaults;
  readonly #checkers: HostKeyCheckers;

  constructor(defaults: LoginDefaults) {
    this.#defaults = defaults;
    this.config = new SshConfig(defaults.config);
    this.#checkers = new HostKeyCheckers(defaults);
  }

  /** Rejects with badInput, unsupported or sshConfigUnusable. */
  async resolve(login: HostLogin): Promise<ResolvedLogin> {
    const { user = this.#defaults.user, privateKeyFile = this.#defaults.privateKeyFile } = login;
    return await this.#fill({ ...login, user, privateKeyFile });
  }

  /** A jump host by the configuration alone: the user and key given for the hosts behind it are not meant for it. Rejects as {@link resolve}. */
  async resolveHop(hop: HostLogin): Promise<ResolvedLogin> {
    return await this.#fill(hop);
  }

  async #fill(login: HostLogin): Promise<ResolvedLogin> {
    const host = identityOfLogin(login);
    checkTarget({ ...host, user: login.user ?? 'open' });
    const given = readSshArguments(host, login.sshArguments ?? []);
    const { address, port, user } = login;
    const question = { address, port, user, words: given.words };
    const settings = (await this.config.settingsOf(host, question)) ?? withoutConfig(address);
    const agent = settings.identityAgent;
    const alive = settings.keepaliveIntervalSeconds === undefined ? undefined : settings;
    return {
      target: targetOf(login, settings),
      hostKeys: this.#checkers.checkerFor(settings, login.isHostKeyChecked),
      hostKeyCheck: this.#checkers.checkFor(settings, login.isHostKeyChecked),
      question,
      keys: agent === undefined ? this.#defaults.keys : this.#defaults.keys.withAgent(agent),
      connectTimeoutSeconds: this.#timeout(login, settings),
      keepaliveIntervalSeconds: alive?.keepaliveIntervalSeconds,
      keepaliveCountMax: alive?.keepaliveCountMax,
      proxyJump: settings.proxyJump,
      beyondUs: beyondUs(given, settings),
    };
  }

  #timeout(login: HostLogin, settings: SshSettings): number {
    const said = login.connectTimeoutSeconds ?? this.#defaults.connectTimeoutSeconds;
    return said ?? settings.connectTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  }
}

function targetOf(login: HostLogin, settings: SshSettings): SshTarget {
  const { name, privateKeyFile, password } = login;
  const target = {
    name,
    address: settings.address,
    port: login.port ?? settings.port,
    user: login.user ?? settings.user,
    privateKeyFile,
    identityFiles: privateKeyFile === undefined ? settings.identityFiles : undefined,
    identitiesOnly: settings.identitiesOnly,
    password,
    hostKeyAlias: settings.hostKeyAlias,
  };
  checkTarget(target);
  return target;
}

/** Where there is no OpenSSH client. */
function withoutConfig(address: string): SshSettings {
  return { ...readSshSettings('', address), knownHostsFiles: defaultKnownHostsFiles() };
}

function beyondUs(given: SshArguments, settings: SshSettings): string[] {
  const command = settings.proxyCommand === undefined ? [] : ['ProxyCommand'];
  const certificate = settings.certificateFiles.length === 0 ? [] : ['CertificateFile'];
  return [...new Set([...given.beyondUs, ...command, ...certificate])];
}
