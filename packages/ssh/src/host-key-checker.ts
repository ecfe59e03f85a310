import { homedir } from 'node:os';
import { join } from 'node:path';
import { fingerprint, hostKeyAlgorithmsFor, readKeyType } from './host-key.ts';
import {
  describeUnknownHost,
  hostKeyChangedError,
  hostKeyRevokedError,
  hostKeyUnknownError,
  knownHostsUnusableError,
} from './host-key-errors.ts';
import { knownHostsName } from './known-hosts-line.ts';
import type { KnownHostsAnswer, KnownHostsLookup } from './known-hosts-lookup.ts';
import { KnownHostsStore } from './known-hosts-store.ts';
import { Slots } from './slots.ts';
import type { HostIdentity } from './ssh-error.ts';

/**
 * What to do with a key nobody vouches for: `ask` a person, `acceptNew` (accept and remember hosts seen for the first time,
 * refuse changed keys), `no` (no checking; only revoked keys are refused). As OpenSSH's StrictHostKeyChecking, except that
 * `no` writes nothing and `acceptNew` refuses a host that is known by a key of another type only.
 */
export type HostKeyPolicy = 'ask' | 'acceptNew' | 'no';

/** A host and the name its key is filed under. */
export interface CheckedHost extends HostIdentity {
  /** OpenSSH's HostKeyAlias: stands for the address and port in known_hosts. */
  readonly hostKeyAlias?: string | undefined;
}

/** What a person is asked about an unknown host. */
export interface HostKeyQuestion {
  readonly host: HostIdentity;
  readonly keyType: string;
  readonly fingerprint: string;
  /** The whole question in one line, without "yes or no". */
  readonly text: string;
}

/** `suspect`: the key has changed and policy `no` lets it pass; as in OpenSSH, no login password is then sent. */
export type HostKeyVerdict = 'accepted' | 'suspect';

/** Decides whether a host is the one it says it is. One checker serves all hosts of a run. */
export interface HostKeyChecker {
  /** Host key algorithms to offer, those of known keys first. */
  algorithmsFor(host: CheckedHost): Promise<string[]>;
  /** Rejects with an `SshError` of kind hostKeyUnknown, hostKeyChanged, hostKeyRevoked or knownHostsUnusable. */
  verify(host: CheckedHost, key: Buffer): Promise<HostKeyVerdict>;
  /** Whether a host is known by a certificate authority and by no key of its own. */
  knowsAuthorityOnly?(host: CheckedHost): Promise<boolean>;
}

/** Settings of {@link createHostKeyChecker}. */
export interface HostKeyCheckerOptions {
  readonly policy: HostKeyPolicy;
  /** Default: `~/.ssh/known_hosts`, then `/etc/ssh/ssh_known_hosts`. New keys go to the first. */
  readonly files?: readonly string[] | undefined;
  /** Asked, one question at a time, under policy `ask`. Without it an unknown host is an error. */
  readonly confirmHostKey?: ((question: HostKeyQuestion) => Promise<boolean>) | undefined;
}

/** A checker over known_hosts files, which are read once. */
export function createHostKeyChecker(options: HostKeyCheckerOptions): HostKeyChecker {
  return new KnownHostsChecker(new KnownHostsStore(options.files ?? defaultKnownHostsFiles()), options);
}

/** Where known_hosts are looked for when nothing else is said. */
export function defaultKnownHostsFiles(): string[] {
  return [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
}

class KnownHostsChecker implements HostKeyChecker {
  readonly #store: KnownHostsStore;
  readonly #options: HostKeyCheckerOptions;
  readonly #oneAtATime = new Slots(1);

  constructor(store: KnownHostsStore, options: HostKeyCheckerOptions) {
    this.#store = store;
    this.#options = options;
  }

  async algorithmsFor(host: CheckedHost): Promise<string[]> {
    return hostKeyAlgorithmsFor((await this.#lookup(host)).keyTypes(namesOf(host)));
  }

  async knowsAuthorityOnly(host: CheckedHost): Promise<boolean> {
    return (await this.#lookup(host)).hasAuthorityOnly(namesOf(host));
  }

  async verify(host: CheckedHost, key: Buffer): Promise<HostKeyVerdict> {
    const answer = await this.#answer(host, key);
    if (answer.state === 'match') {
      return 'accepted';
    }
    if (answer.state === 'revoked') {
      throw hostKeyRevokedError(host, key, answer.line);
    }
    if (this.#options.policy === 'no') {
      return answer.state === 'changed' ? 'suspect' : 'accepted';
    }
    if (answer.state === 'changed') {
      throw hostKeyChangedError(host, key, answer.line, namesOf(host)[0]);
    }
    return await this.#oneAtATime.hold(() => this.#meet(host, key));
  }

  /** A host seen for the first time. Asks again what is known: the same host may have been met while this one waited. */
  async #meet(host: CheckedHost, key: Buffer): Promise<HostKeyVerdict> {
    const answer = await this.#answer(host, key);
    if (answer.state === 'match') {
      return 'accepted';
    }
    const note = noteOf(answer);
    const accepted = this.#options.policy === 'acceptNew' ? answer.state !== 'otherType' : await this.#confirm(host, key, note);
    if (!accepted) {
      throw hostKeyUnknownError(host, key, note);
    }
    await this.#store.append(namesOf(host)[0], key).catch((error: unknown) => {
      throw knownHostsUnusableError(host, 'written', error);
    });
    return 'accepted';
  }

  async #confirm(host: HostIdentity, key: Buffer, note: string): Promise<boolean> {
    const question: HostKeyQuestion = {
      host,
      keyType: readKeyType(key) ?? '',
      fingerprint: fingerprint(key),
      text: describeUnknownHost(host, key, note),
    };
    return (await this.#options.confirmHostKey?.(question)) ?? false;
  }

  async #answer(host: CheckedHost, key: Buffer): Promise<KnownHostsAnswer> {
    return (await this.#lookup(host)).answer(namesOf(host), readKeyType(key) ?? '', key);
  }

  #lookup(host: HostIdentity): Promise<KnownHostsLookup> {
    return this.#store.lookup().catch((error: unknown) => {
      throw knownHostsUnusableError(host, 'read', error);
    });
  }
}

/** The name in use, then the one without the port, under which OpenSSH also finds a key. */
function namesOf(host: CheckedHost): readonly [string, ...string[]] {
  if (host.hostKeyAlias !== undefined) {
    return [host.hostKeyAlias.toLowerCase()];
  }
  const name = knownHostsName(host.address, host.port);
  const bare = host.address.toLowerCase();
  return name === bare ? [name] : [name, bare];
}

function noteOf(answer: KnownHostsAnswer): string {
  if (answer.state === 'otherType') {
    const places = answer.lines.map((line) => `${line.keyType} in ${line.file}:${line.lineNumber}`);
    return `; known are keys of other types, which the host no longer shows (${places.join(', ')})`;
  }
  if (answer.state === 'authorityOnly') {
    const place = `${answer.line.file}:${answer.line.lineNumber}`;
    return `; ${place} trusts a certificate authority for it, but host certificates are not supported by the built-in SSH client (OpenSSH can: muster_transport=openssh)`;
  }
  return '';
}
