import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { connectTimeoutError } from './handshake-errors.ts';
import type { ResolvedLogin } from './host-login.ts';
import { notByOpenSshError, openSshLoginError } from './openssh-errors.ts';
import { OpenSshLink } from './openssh-link.ts';
import { OpenSshMaster } from './openssh-master.ts';
import type { SshConfig } from './ssh-config.ts';
import { abortedError, isSshError } from './ssh-error.ts';
import { identityOf } from './ssh-target.ts';
import type { SudoSettings } from './sudo-access.ts';

/** What a login by OpenSSH needs besides the host. */
export interface OpenSshOptions extends SudoSettings {
  readonly config: SshConfig;
  /** Cancels the opening. */
  readonly signal?: AbortSignal | undefined;
  /** Why OpenSSH and not the built-in client, for the error when it cannot log in either; empty where it was asked for. */
  readonly reasons: readonly string[];
}

/**
 * Logs in to a host with the `ssh` program, whose rules then hold for keys, certificates, algorithms and jump hosts. Known hosts,
 * time limits and what runs on the host are as with the built-in client. Rejects as `openConnection`.
 */
export async function openByOpenSsh(login: ResolvedLogin, options: OpenSshOptions): Promise<Connection> {
  const { target } = login;
  if (target.password !== undefined || target.ownKeyPem !== undefined) {
    throw notByOpenSshError(
      target,
      'OpenSSH is not given passwords, and this host is to be logged in to with one',
      'Use a key (ansible_ssh_private_key_file), or the built-in client (muster_transport=ssh2).',
    );
  }
  if (!(await options.config.hasProgram())) {
    throw notByOpenSshError(target, 'there is no OpenSSH client (ssh) on this machine', 'Install it (Debian: openssh-client).');
  }
  const giveUp = new AbortController();
  const deadline = new Deadline(login.connectTimeoutSeconds, () =>
    giveUp.abort(connectTimeoutError(target, login.connectTimeoutSeconds, 'OpenSSH was not logged in')),
  );
  const onAbort = (): void => giveUp.abort(abortedError(target, options.signal?.reason));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (options.signal?.aborted === true) {
      onAbort();
    }
    return createConnection(await logInPatiently(login, options, giveUp.signal), target.user, options);
  } finally {
    deadline.clear();
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** sshd drops logins at random when many arrive at once (MaxStartups). */
async function logInPatiently(login: ResolvedLogin, options: OpenSshOptions, signal: AbortSignal): Promise<OpenSshLink> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await logIn(login, options, signal);
    } catch (error) {
      if (tries === DROPPED_LOGIN_TRIES || !isDropped(error)) {
        throw error;
      }
      await sleep(250 * 2 ** tries * (0.5 + Math.random()));
    }
  }
}

const DROPPED_LOGIN_TRIES = 4;
const isDropped = (error: unknown): boolean => isSshError(error, 'unreachable') && error.what.includes('kex_exchange_identification');

async function logIn(login: ResolvedLogin, { config, reasons }: OpenSshOptions, signal: AbortSignal): Promise<OpenSshLink> {
  signal.throwIfAborted();
  const master = await OpenSshMaster.start(config.program, login, config.fileWords, await config.knowsOption('KnownHostsCommand=none'));
  try {
    if (await master.isLoggedIn(signal)) {
      return new OpenSshLink(identityOf(login.target), await master.hostKey(), config.program, master);
    }
    throw openSshLoginError(login.target, master.said, reasons);
  } catch (error) {
    await master.stop();
    throw error;
  }
}
