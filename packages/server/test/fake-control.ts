import { generateKeyPairSync } from 'node:crypto';
import type { AgentControl as Control, Node } from '@muster/api';
import { type AskResult, type Connection, makeOwnKey, type openConnection, SshError, type SshErrorKind, type SshTarget } from '@muster/ssh';
import { AgentControl } from '../src/agents/agent-control.ts';

/** How a fake host answers to a word. */
type Answer = Partial<AskResult> | SshError | Promise<AskResult>;

const pinnedKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPinned';

/** A host behind a fake connection: it answers words as a test says, and keeps them. */
class FakeControlHost {
  readonly asked: string[] = [];
  readonly targets: SshTarget[] = [];
  readonly answers = new Map<string, Answer>();
  /** Set to make the login fail. */
  loginError: SshError | undefined;
  /** The key the host shows in the handshake. */
  shownKey: Buffer | undefined;
  isActive = true;
  closed = 0;

  readonly connect: typeof openConnection = async (target, { hostKeys }) => {
    this.targets.push(target);
    if (this.shownKey !== undefined) await hostKeys.verify(target, this.shownKey);
    if (this.loginError !== undefined) throw this.loginError;
    const connection: Pick<Connection, 'ask' | 'close'> = {
      ask: (word) => this.#ask(word),
      close: async () => void (this.closed += 1),
    };
    return connection as Connection;
  };

  async #ask(word: string): Promise<AskResult> {
    this.asked.push(word);
    const answer = this.answers.get(word);
    if (answer instanceof SshError) throw answer;
    if (answer !== undefined) return { exitCode: 0, said: '', ...(await answer) };
    if (word === 'is-active') return this.isActive ? { exitCode: 0, said: 'active' } : { exitCode: 3, said: 'inactive' };
    this.isActive = word !== 'stop';
    return { exitCode: 0, said: '' };
  }
}

/** An error of the SSH room about the fake host; with a command it came after the order was given. */
export const sshError = (kind: SshErrorKind, command?: string): SshError =>
  new SshError({
    kind,
    host: { name: 'web1', address: '10.0.0.11', port: 22 },
    what: `it was ${kind}`,
    advice: 'Do something.',
    command,
  });

/** A host key of the kind that is pinned, but another one. */
export function otherHostKey(): Buffer {
  const { publicKey } = generateKeyPairSync('ed25519');
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([field(Buffer.from('ssh-ed25519')), field(x)]);
}

/** Control over one node, with everything around it in a test's hand. */
export class ControlFixture {
  readonly host = new FakeControlHost();
  readonly events: { readonly kind: string; readonly message: string }[] = [];
  readonly key = makeOwnKey();
  node = {
    id: 'id of web1',
    name: 'web1',
    privateIp: '10.0.0.11',
    agent: { state: 'normal', message: '', since: null, attempts: 0 },
  } as Node;
  reach: Control | undefined = {
    nodeId: 'id of web1',
    nodeName: 'web1',
    address: 'gate.example.org',
    port: 2222,
    hostKeys: [pinnedKey],
    full: false,
    refusedKey: null,
    since: '2026-01-01T00:00:00.000Z',
  };
  readonly control = new AgentControl({
    store: {
      nodes: { get: async () => this.node },
      agentControl: {
        get: async () => this.reach,
        noteRefusedKey: async (_nodeId, _fingerprint, event) => void this.events.push(event),
      },
    },
    keys: { key: async () => this.key },
    connect: this.host.connect,
  });

  act(action: 'start' | 'stop' | 'restart', options: Partial<Parameters<AgentControl['act']>[2]> = {}) {
    const node = { nodeId: this.node.id, nodeName: this.node.name };
    return this.control.act(node, action, { signal: new AbortController().signal, ...options });
  }
}
