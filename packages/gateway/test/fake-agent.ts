import { request } from 'node:https';
import { checkServerIdentity as checkIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { type AgentMessage, type EnrolmentRequest, serverIdentity, type ServerMessage } from '@muster/api';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Credentials } from './gateway-fixture.ts';

type Door = { readonly port: number; readonly authority: { readonly rootPem: string } };
export type Answer = { readonly status: number; readonly type: string; readonly body: Record<string, unknown> };

/** One request at the agents' door, without a certificate. */
export function ask(door: Door, method: string, path: string, body?: string | Buffer, servername = serverIdentity): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Whose certificate the server shows is what some tests are about; they look at the answer.
    const trusting = servername === serverIdentity ? { ca: door.authority.rootPem } : { rejectUnauthorized: false };
    const options = { host: '127.0.0.1', port: door.port, servername, agent: false, ...trusting } as const;
    const sent = request({ ...options, method, path, headers: { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: String(response.headers['content-type']),
          body: JSON.parse(text) as Record<string, unknown>,
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export const enrolAt = (door: Door, body: Partial<EnrolmentRequest>, servername?: string): Promise<Answer> =>
  ask(door, 'POST', '/enroll', JSON.stringify(body), servername);

/** How an attempt to connect was turned down. */
export type Refused = { readonly status: number; readonly message: string };

/** An agent that says what a test tells it to. */
export class FakeAgent {
  readonly socket: WebSocket;
  readonly received: ServerMessage[] = [];
  closedWith: { code: number; reason: string } | undefined;
  #sequence = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.received.push(JSON.parse(data.toString('utf8')) as ServerMessage));
    socket.on('close', (code, reason) => {
      this.closedWith = { code, reason: reason.toString('utf8') };
    });
    socket.on('error', () => undefined);
  }

  /** Connects; resolves with the agent or with how it was refused. */
  static async connect(
    door: Door,
    credentials?: Omit<Credentials, 'serial'>,
    session?: Buffer,
    path = '/agent',
    tls: { readonly ca?: string; readonly servername?: string } = {},
  ): Promise<FakeAgent | Refused> {
    const identity = credentials === undefined ? {} : { key: credentials.keyPem, cert: credentials.chainPem };
    const resumed = session === undefined ? {} : { session };
    const checkServerIdentity = (_name: string, certificate: PeerCertificate) => checkIdentity(serverIdentity, certificate);
    const trusting = { ca: door.authority.rootPem, servername: serverIdentity, ...identity, ...resumed, ...tls };
    const socket = new WebSocket(`wss://127.0.0.1:${door.port}${path}`, {
      createConnection: () => connect({ host: '127.0.0.1', port: door.port, checkServerIdentity, ...trusting }),
    });
    const agent = new FakeAgent(socket);
    onTestFinished(() => socket.terminate());
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(agent));
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, message: (JSON.parse(text) as { message: string }).message }));
      });
    });
  }

  /** Connects an agent that must be let in, and says hello. */
  static async admitted(
    door: Door,
    credentials: Omit<Credentials, 'serial'>,
    wish: { readonly roots?: readonly string[]; readonly ca?: string; readonly servername?: string } = {},
  ): Promise<FakeAgent> {
    const { roots, ...tls } = wish;
    const agent = await FakeAgent.connect(door, credentials, undefined, undefined, tls);
    if (!(agent instanceof FakeAgent)) throw new Error(`refused: ${agent.message}`);
    agent.hello(Date.now(), roots);
    await agent.heard('welcome');
    return agent;
  }

  get tls(): TLSSocket {
    return (this.socket as unknown as { _socket: TLSSocket })._socket;
  }

  say(message: AgentMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  hello(clockMs = Date.now(), roots?: readonly string[]): void {
    const trusts = roots === undefined ? {} : { roots: [...roots] };
    this.say({ type: 'hello', protocol: 1, agentVersion: '0.1.0', bootId: 'b1', clockMs, ...trusts });
  }

  heartbeat(clockMs = Date.now()): void {
    this.say({ type: 'heartbeat', sequence: this.#sequence++, clockMs });
  }

  /** Sends a heartbeat and waits for the answer. */
  async beat(): Promise<void> {
    const sequence = this.#sequence;
    this.heartbeat();
    await vi.waitFor(() => {
      if (!this.received.some((one) => one.type === 'heartbeat-ack' && one.sequence === sequence)) throw new Error('no answer');
    }, waiting);
  }

  report(hostname: string): void {
    this.say({ type: 'report', facts: factsOf(hostname), services: { available: true, services: [] } });
  }

  async heard<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    return vi.waitFor(() => {
      const found = this.received.findLast((one): one is Extract<ServerMessage, { type: T }> => one.type === type);
      if (found === undefined) throw new Error(`no ${type} yet`);
      return found;
    }, waiting);
  }

  async closed(): Promise<{ code: number; reason: string }> {
    return vi.waitFor(() => {
      if (this.closedWith === undefined) throw new Error('still open');
      return this.closedWith;
    }, waiting);
  }
}

/** How long and how often a test waits for what must come. */
export const waiting = { timeout: 8000, interval: 20 } as const;

export const factsOf = (hostname: string) => ({
  hostname,
  addresses: [{ interface: 'eth0', address: '192.0.2.7', family: 'ipv4' as const }],
  cores: 4,
  memoryBytes: 8e9,
  gpus: [],
  os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' },
  kernel: '6.1.0',
  architecture: 'x64',
  bootId: 'b1',
  agentVersion: '0.1.0',
});
