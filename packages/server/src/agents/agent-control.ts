import { type AgentCheck, type AgentControl as AgentControlWay, controlUser, type Node, type ServiceAction } from '@muster/api';
import type { AgentControlPort, ControlledNode, ControlOptions, ControlOutcome } from '@muster/controllers';
import {
  type Connection,
  fingerprint,
  type HostKeyChecker,
  isSshError,
  KeyRing,
  type openConnection,
  pinnedHostKeys,
  type SshError,
  type SshTarget,
} from '@muster/ssh';
import type { Store } from '@muster/store';
import type { ControlKeyRing } from './control-key.ts';

export type AgentControlParts = {
  readonly store: {
    readonly nodes: Pick<Store['nodes'], 'get'>;
    readonly agentControl: Pick<Store['agentControl'], 'get' | 'noteRefusedKey'>;
  };
  readonly keys: Pick<ControlKeyRing, 'key'>;
  /** `openConnection` of the SSH room. */
  readonly connect: typeof openConnection;
};

/** A host that does not answer costs this long, and nobody else anything. */
const connectSeconds = 10;
/** A stop waits for the agent, which gets ten seconds, and then for systemd to kill it. */
const commandSeconds = 40;

type Failure = Extract<ControlOutcome, { ok: false }>;
type Word = ServiceAction | 'is-active';

/**
 * Starts, stops and restarts agents over SSH, with the key of the servers, as a user that can do nothing else, on hosts that show the key
 * they were provisioned with. Orders to one node are carried out one after the other.
 */
export class AgentControl implements AgentControlPort {
  readonly #parts: AgentControlParts;
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(parts: AgentControlParts) {
    this.#parts = parts;
  }

  act(node: ControlledNode, action: ServiceAction, options: ControlOptions): Promise<ControlOutcome> {
    return this.#inTurn(node.nodeId, async () => {
      const found = await this.#parts.store.nodes.get(node.nodeId);
      if (options.onlyIf?.(found.agent) === false) {
        return {
          ok: false,
          why: 'not-wanted',
          message: `${found.name}: the ${action} is not wanted any more.`,
          byHand: byHand(found, action),
        };
      }
      return this.#onHost(found, { word: action }, options.signal, (connection) => carryOut(connection, found, action, options.signal));
    });
  }

  /** Logs in, with the key in use or another one, and asks how the agent's unit is; changes nothing. */
  async check(node: Node, signal: AbortSignal, ownKeyPem?: string): Promise<AgentCheck> {
    const ask = async (connection: Connection): Promise<ControlOutcome> => ({ ok: true, message: await stateOf(connection, signal) });
    const outcome = await this.#onHost(node, { word: 'is-active', ownKeyPem }, signal, ask);
    const about = { nodeId: node.id, nodeName: node.name, message: outcome.message };
    return outcome.ok ? { ...about, reached: true, byHand: null } : { ...about, reached: false, byHand: outcome.byHand };
  }

  async #inTurn<T>(nodeId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(nodeId) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.#last.set(nodeId, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(nodeId) === mine) this.#last.delete(nodeId);
    }
  }

  async #onHost(
    node: Node,
    { word, ownKeyPem }: { readonly word: Word; readonly ownKeyPem?: string | undefined },
    signal: AbortSignal,
    work: (connection: Connection) => Promise<ControlOutcome>,
  ): Promise<ControlOutcome> {
    const control = await this.#parts.store.agentControl.get(node.id);
    if (control === undefined) return noSsh(node, word);
    const target = controlTarget(node, control, ownKeyPem ?? (await this.#parts.keys.key()).privateKeyPem);
    const host = new WatchedHostKey(control.hostKeys);
    let connection: Connection | undefined;
    try {
      connection = await this.#parts.connect(target, { hostKeys: host, keys: nobodysKeys, connectTimeoutSeconds: connectSeconds, signal });
      return await work(connection);
    } catch (error) {
      if (!isSshError(error)) throw error;
      if (isSshError(error, 'hostKeyChanged')) await this.#tellChangedKey(node, error, host.shown);
      return failureOf(node, word, error);
    } finally {
      await connection?.close();
    }
  }

  #tellChangedKey(node: Node, error: SshError, shown: string): Promise<void> {
    return this.#parts.store.agentControl.noteRefusedKey(node.id, shown, {
      kind: 'host-key-changed',
      severity: 'error',
      nodeId: node.id,
      nodeName: node.name,
      message: `${node.name} was not logged in to: ${error.what}. ${error.advice}`,
      data: { shown },
    });
  }
}

/** Keeps which key a host has shown, for the event about one that is refused. */
class WatchedHostKey implements HostKeyChecker {
  readonly #pinned: HostKeyChecker;
  shown = '';

  constructor(keys: readonly string[]) {
    this.#pinned = pinnedHostKeys(keys);
  }

  readonly algorithmsFor: HostKeyChecker['algorithmsFor'] = (host) => this.#pinned.algorithmsFor(host);

  readonly verify: HostKeyChecker['verify'] = (host, key) => {
    this.shown = fingerprint(key);
    return this.#pinned.verify(host, key);
  };
}

/** Where and as whom the server logs in to a node. */
export const controlTarget = (
  node: Pick<Node, 'name' | 'privateIp'>,
  control: Pick<AgentControlWay, 'address' | 'port'>,
  ownKeyPem: string,
): SshTarget => ({
  name: node.name,
  address: node.privateIp ?? control.address ?? node.name,
  port: control.port,
  user: controlUser,
  ownKeyPem,
});

/** No file and no ssh-agent of whoever runs the server: its own key stands in the target. */
export const nobodysKeys = new KeyRing({ homeFolder: '/nonexistent' });

async function stateOf(connection: Connection, signal: AbortSignal): Promise<string> {
  return (await connection.ask('is-active', { timeoutSeconds: commandSeconds, signal })).said;
}

const done: Readonly<Record<ServiceAction, string>> = { start: 'started', stop: 'stopped', restart: 'restarted' };

/** Does it and looks whether it has worked: systemctl's own word is that the job was done, not that the agent runs. */
async function carryOut(connection: Connection, node: Node, action: ServiceAction, signal: AbortSignal): Promise<ControlOutcome> {
  const { exitCode, said } = await connection.ask(action, { timeoutSeconds: commandSeconds, signal });
  if (exitCode !== 0) {
    const how = exitCode === null ? 'was killed' : `ended with status ${exitCode}`;
    return failed(node, action, 'failed', `${node.name}: the ${action} ${how}${said === '' ? '' : `: ${said.replace(/\.+$/u, '')}`}.`);
  }
  const state = await stateOf(connection, signal);
  if ((action === 'stop') === (state !== 'active')) return { ok: true, message: `The agent was ${done[action]}; its unit is ${state}.` };
  return failed(
    node,
    action,
    'failed',
    `${node.name}: the agent was ${done[action]}, but its unit is ${state}. Read: journalctl -u muster-agent`,
  );
}

/** What a person can run instead. */
const byHand = ({ name }: Node, word: Word): string => `ssh ${name} sudo systemctl ${word} muster-agent`;

const failed = (node: Node, word: Word, why: Failure['why'], message: string): Failure => ({
  ok: false,
  why,
  message,
  byHand: byHand(node, word),
});

const noSsh = (node: Node, word: Word): Failure =>
  failed(
    node,
    word,
    'no-ssh',
    `${node.name}: the server has no way to it over SSH: its key was not installed there. \`muster apply\` does that.`,
  );

function failureOf(node: Node, word: Word, error: SshError): Failure {
  const { kind, command, message } = error;
  if (kind === 'authFailed') {
    const advice = `Run \`muster apply\` for it, which installs the key; does its sshd let the user ${controlUser} in?`;
    return failed(node, word, 'refused', `${node.name}: the login with the server's key was refused. ${advice}`);
  }
  if (kind === 'hostKeyChanged' || kind === 'hostKeyUnknown') return failed(node, word, 'refused', message);
  if (!lostKinds.has(kind)) return failed(node, word, 'failed', message);
  // Once the order was given, nobody knows what became of it; before that, nothing has happened.
  return failed(node, word, command === undefined ? 'unreachable' : 'unknown', message);
}

const lostKinds: ReadonlySet<SshError['kind']> = new Set<SshError['kind']>(['unreachable', 'timeout', 'connectionLost', 'aborted']);
