import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { type AgentKeys, listAgentKeys } from './agent-keys.ts';
import { decodePrivateKey, type KeyFile, type KeyResult, readKeyFile, readPublicHalf } from './private-key.ts';
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
  readonly #promptSecret: KeyRingOptions['promptSecret'];
  readonly #files = new Map<string, Promise<KeyFile>>();
  readonly #keys = new Map<string, Promise<KeyResult>>();
  readonly #oneQuestionAtATime = new Slots(1);
  #agentKeys: Promise<AgentKeys> | undefined;

  constructor(options: KeyRingOptions = {}) {
    const folder = join(options.homeFolder ?? homedir(), '.ssh');
    this.agentSocket = options.agentSocket === '' ? undefined : options.agentSocket;
    this.defaultFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(folder, name));
    this.#promptSecret = options.promptSecret;
  }

  /** The agent's keys in its own order. Never rejects. */
  agentKeys(): Promise<AgentKeys> {
    this.#agentKeys ??= this.agentSocket === undefined ? Promise.resolve({ keys: [] }) : listAgentKeys(this.agentSocket);
    return this.#agentKeys;
  }

  /** The agent's copy of a key file, found by its public half, so that no passphrase is asked in vain. */
  async findInAgent(file: string): Promise<ParsedKey | undefined> {
    const [{ keys }, opened] = await Promise.all([this.agentKeys(), this.#open(file)]);
    const publicHalf = 'content' in opened ? readPublicHalf(opened.content) : undefined;
    return publicHalf === undefined ? undefined : keys.find((key) => key.getPublicSSH().equals(publicHalf));
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
      const passphrase = await this.#promptSecret?.({ file, attempt, text: `Passphrase for ${file}` });
      if (passphrase === undefined) {
        return result;
      }
      result = decodePrivateKey(content, file, passphrase);
    }
    return result;
  }
}
