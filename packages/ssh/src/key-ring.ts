import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { agentHoldsBeyondUs, type AgentKeys, listAgentKeys } from './agent-keys.ts';
import { decodePrivateKey, type KeyFile, type KeyResult, readKeyFile, readPublicKeyFile } from './private-key.ts';
import { Slots } from './slots.ts';

/** What a person is asked for. The answer is kept in memory only and never shown. */
export interface SecretQuestion {
  readonly file: string;
  /** 1 at first; more after a wrong passphrase. */
  readonly attempt: number;
  /** The question, without a colon at its end. */
  readonly text: string;
}

/** Settings of a {@link KeyRing}. */
export interface KeyRingOptions {
  /** The agent's socket, as a rule `$SSH_AUTH_SOCK`; without it no agent is used. */
  readonly agentSocket?: string | undefined;
  /** Where `.ssh/id_*` are looked for; default: the user's home folder. */
  readonly homeFolder?: string | undefined;
  /** Asks for a passphrase; undefined as answer means that there is none. Without it encrypted keys cannot be used. */
  readonly promptSecret?: ((question: SecretQuestion) => Promise<string | undefined>) | undefined;
}

/** As many tries as OpenSSH gives. */
const PASSPHRASE_TRIES = 3;

/**
 * The operator's keys, shared by all connections of a run: the agent is listed once, each file read once, and each encrypted
 * file asked for once, however many hosts want it.
 */
export class KeyRing {
  readonly agentSocket: string | undefined;
  /** In OpenSSH's order of preference, as far as ssh2 can use them. */
  readonly defaultFiles: readonly string[];
  /** Those of OpenSSH's default files that only OpenSSH can use. */
  readonly defaultSecurityKeyFiles: readonly string[];
  readonly #options: KeyRingOptions;
  #files = new Map<string, Promise<KeyFile>>();
  #keys = new Map<string, Promise<KeyResult>>();
  #oneQuestionAtATime = new Slots(1);
  readonly #ofAgents = new Map<string, KeyRing>();
  #agentKeys: Promise<AgentKeys> | undefined;
  #holdsBeyondUs: Promise<boolean> | undefined;

  constructor(options: KeyRingOptions = {}) {
    const folder = join(options.homeFolder ?? homedir(), '.ssh');
    this.agentSocket = options.agentSocket === '' ? undefined : options.agentSocket;
    this.defaultFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(folder, name));
    this.defaultSecurityKeyFiles = ['id_ecdsa_sk', 'id_ed25519_sk'].map((name) => join(folder, name));
    this.#options = options;
  }

  /** The same files and answers with another agent, for hosts that have one of their own (IdentityAgent); `none` for no agent. */
  withAgent(socket: string): KeyRing {
    let ring = this.#ofAgents.get(socket);
    if (ring === undefined) {
      ring = new KeyRing({ ...this.#options, agentSocket: socket === 'none' ? undefined : socket });
      ring.#take(this);
      this.#ofAgents.set(socket, ring);
    }
    return ring;
  }

  /** The agent's keys in its own order. Never rejects. */
  agentKeys(): Promise<AgentKeys> {
    this.#agentKeys ??= this.agentSocket === undefined ? Promise.resolve({ keys: [] }) : listAgentKeys(this.agentSocket);
    return this.#agentKeys;
  }

  /** Whether the agent holds a certificate or a security key, which only OpenSSH can show. Asked once. Never rejects. */
  agentHoldsBeyondUs(): Promise<boolean> {
    this.#holdsBeyondUs ??= this.agentSocket === undefined ? Promise.resolve(false) : agentHoldsBeyondUs(this.agentSocket);
    return this.#holdsBeyondUs;
  }

  /**
   * The agent's copy of a key file, found by its public half, so that no passphrase is asked in vain. The file may hold that half
   * alone, or lie beside it as `.pub`, as where the private half never leaves a password manager.
   */
  async findInAgent(file: string): Promise<ParsedKey | undefined> {
    const { keys } = await this.agentKeys();
    if (keys.length === 0) {
      return undefined;
    }
    const halves = await Promise.all([file, `${file}.pub`].map((one) => readPublicKeyFile(one)));
    return keys.find((key) => halves.some((half) => half?.equals(key.getPublicSSH()) === true));
  }

  /** The private key in a file; asks for its passphrase when it has one. Never rejects unless the prompt does. */
  load(file: string): Promise<KeyResult> {
    let key = this.#keys.get(file);
    if (key === undefined) {
      key = this.#decode(file);
      this.#keys.set(file, key);
    }
    return key;
  }

  #take(other: KeyRing): void {
    this.#files = other.#files;
    this.#keys = other.#keys;
    this.#oneQuestionAtATime = other.#oneQuestionAtATime;
  }

  #open(file: string): Promise<KeyFile> {
    let opened = this.#files.get(file);
    if (opened === undefined) {
      opened = readKeyFile(file);
      this.#files.set(file, opened);
    }
    return opened;
  }

  async #decode(file: string): Promise<KeyResult> {
    const opened = await this.#open(file);
    if ('problem' in opened) {
      return opened;
    }
    const result = decodePrivateKey(opened.content, file);
    const isEncrypted = 'problem' in result && result.problem.reason === 'encrypted';
    return isEncrypted ? await this.#oneQuestionAtATime.hold(() => this.#askAndDecode(file, opened.content, result)) : result;
  }

  async #askAndDecode(file: string, content: Buffer, locked: KeyResult): Promise<KeyResult> {
    let result = locked;
    for (let attempt = 1; attempt <= PASSPHRASE_TRIES && 'problem' in result; attempt += 1) {
      const passphrase = await this.#options.promptSecret?.({ file, attempt, text: `Passphrase for ${file}` });
      if (passphrase === undefined) {
        return result;
      }
      result = decodePrivateKey(content, file, passphrase);
    }
    return result;
  }
}
