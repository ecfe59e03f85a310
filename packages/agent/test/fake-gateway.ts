/* A server for agents that does what a test says: real TLS, real WebSockets, no Muster behind it. */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AgentMessage, AgentSettings, EnrolmentRequest } from '@muster/api/agent';
import { WebSocketServer, type WebSocket } from 'ws';
import type { FakeAuthority } from './fake-authority.ts';
import { waitFor } from './wait-for.ts';

export const nodeId = '0198c0de-0000-7000-8000-000000000001';

/** What the fake does; tests change it at any time. */
export type Behaviour = {
  enrol: 'answer' | 'lose-answer' | 'lose-first-answer' | 'token-used' | 'stall' | 'garbage';
  /** `hang-up` ends the TCP connection of a WebSocket request; a number answers it with that HTTP status. */
  upgrade: 'accept' | 'hang-up' | number;
  hello: 'welcome' | 'stall' | 'garbage' | { close: number };
  acknowledge: boolean;
  renewal: 'certify' | 'refuse' | 'ignore' | 'garbage' | 'wrong-key';
  /** What a renewal waits for. */
  beforeRenewal: () => Promise<void>;
  /** Serials that are turned down with 4001. */
  revoked: Set<string>;
  /** Answers `certificate-taken` with `certificate-settled`. */
  settles: boolean;
  /** Who signs renewals; the gateway's own authority unless a test says otherwise. */
  signer: FakeAuthority;
  /** Ends the older connection when the same node comes a second time, as the real gateway does. */
  replaces: boolean;
  settings: AgentSettings;
};

export type Received = { readonly atMs: number; readonly message: AgentMessage };
export type FakeConnection = {
  readonly serial: string;
  readonly socket: WebSocket;
  readonly received: Received[];
  closedWith: number | undefined;
  closedAtMs: number | undefined;
};

export class FakeGateway {
  readonly behaviour: Behaviour;
  readonly connections: FakeConnection[] = [];
  readonly enrolments: EnrolmentRequest[] = [];
  /** Decrypted bytes that came before or besides WebSockets, over all connections. */
  httpBytes = 0;
  /** Pings of agents, over all connections. */
  pings = 0;
  readonly #authority: FakeAuthority;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #webSockets = new WebSocketServer({ noServer: true });

  static async start(authority: FakeAuthority, behaviour: Partial<Behaviour> = {}, port = 0): Promise<FakeGateway> {
    const gateway = new FakeGateway(authority, behaviour);
    await new Promise<void>((resolve) => gateway.#server.listen(port, '127.0.0.1', resolve));
    return gateway;
  }

  private constructor(authority: FakeAuthority, behaviour: Partial<Behaviour>) {
    this.#authority = authority;
    const settings = { heartbeatSeconds: 0.2, timeoutSeconds: 3, reportSeconds: 300, servers: [] };
    const usual: Behaviour = {
      enrol: 'answer',
      upgrade: 'accept',
      hello: 'welcome',
      acknowledge: true,
      renewal: 'certify',
      beforeRenewal: () => Promise.resolve(),
      revoked: new Set(),
      settles: true,
      signer: authority,
      replaces: true,
      settings,
    };
    this.behaviour = { ...usual, ...behaviour };
    this.#server = createServer(
      {
        key: authority.serverKeyPem,
        cert: authority.serverChainPem,
        ca: authority.authority.rootPem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => this.#answerHttp(request, response),
    );
    this.#server.on('secureConnection', (socket: TLSSocket) => this.#watch(socket));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as TLSSocket, head));
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every message of a type, over all connections, in order of arrival. */
  messages<T extends AgentMessage['type']>(type: T): { atMs: number; serial: string; message: Extract<AgentMessage, { type: T }> }[] {
    return this.connections
      .flatMap((one) => one.received.map((received) => ({ ...received, serial: one.serial })))
      .filter((one): one is { atMs: number; serial: string; message: Extract<AgentMessage, { type: T }> } => one.message.type === type)
      .sort((a, b) => a.atMs - b.atMs);
  }

  waitForMessages(type: AgentMessage['type'], count: number, timeoutMs = 4000): Promise<void> {
    return waitFor(() => this.messages(type).length >= count, `${count} ${type} message(s)`, timeoutMs);
  }

  get openConnections(): FakeConnection[] {
    return this.connections.filter((one) => one.closedWith === undefined);
  }

  sendToAll(value: unknown): void {
    for (const { socket } of this.openConnections) socket.send(typeof value === 'string' ? value : JSON.stringify(value));
  }

  closeAll(code: number): void {
    for (const { socket } of this.openConnections) socket.close(code);
  }

  /** As kill -9 of a server: connections end without a word. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** As a host without power: connections stay, and nothing is answered on them any more. */
  freeze(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  async stop(): Promise<void> {
    this.dropAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #watch(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('data', (chunk: Buffer) => {
      this.httpBytes += chunk.length;
    });
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #answerHttp(request: IncomingMessage, response: ServerResponse): void {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = JSON.parse(text) as EnrolmentRequest;
      this.enrolments.push(body);
      void this.#enrol(body, response);
    });
  }

  async #enrol(body: EnrolmentRequest, response: ServerResponse): Promise<void> {
    const { enrol } = this.behaviour;
    if (enrol === 'lose-first-answer') this.behaviour.enrol = 'answer';
    if (enrol === 'stall') return;
    if (enrol.startsWith('lose')) return void response.destroy();
    if (enrol === 'garbage') return void response.end('{"nodeId": 7}');
    if (enrol === 'token-used') {
      response.writeHead(409, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'about:blank', status: 409, code: 'token-used', detail: 'This join token was used already' }));
      return;
    }
    const chainPem = await this.#authority.signNode({ csrPem: body.csrPem, nodeId, nodeName: body.name });
    const { rootPem } = this.#authority.authority;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ nodeId, nodeName: body.name, chainPem, rootPem, servers: [this.address] }));
  }

  #upgrade(request: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    const { upgrade } = this.behaviour;
    if (upgrade === 'hang-up') return void socket.destroy();
    if (typeof upgrade === 'number') return void socket.end(`HTTP/1.1 ${upgrade} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    const serial = socket.getPeerX509Certificate()?.serialNumber ?? 'none';
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#take(webSocket, serial));
  }

  #take(socket: WebSocket, serial: string): void {
    const connection: FakeConnection = { serial, socket, received: [], closedWith: undefined, closedAtMs: undefined };
    const older = this.openConnections;
    this.connections.push(connection);
    if (this.behaviour.replaces) for (const one of older) one.socket.close(4002);
    socket.on('close', (code) => {
      connection.closedWith = code;
      connection.closedAtMs = performance.now();
    });
    socket.on('error', () => undefined);
    socket.on('ping', () => {
      this.pings += 1;
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as AgentMessage;
      connection.received.push({ atMs: performance.now(), message });
      void this.#react(connection, message);
    });
  }

  async #react({ socket, serial }: FakeConnection, message: AgentMessage): Promise<void> {
    const send = (value: unknown): void => socket.send(JSON.stringify(value));
    if (message.type === 'hello') this.#greet(socket, serial);
    if (message.type === 'heartbeat' && this.behaviour.acknowledge) send({ type: 'heartbeat-ack', sequence: message.sequence });
    if (message.type === 'renew') await this.#renew(message.id, message.csrPem, send);
    if (message.type === 'certificate-taken' && this.behaviour.settles) send({ type: 'certificate-settled', serial: message.serial });
  }

  #greet(socket: WebSocket, serial: string): void {
    const { hello, revoked, settings } = this.behaviour;
    if (revoked.has(serial)) return socket.close(4001, 'revoked');
    if (hello === 'stall') return;
    if (hello === 'garbage') return sendGarbage(socket);
    if (hello !== 'welcome') return socket.close(hello.close);
    socket.send(JSON.stringify({ type: 'welcome', nodeId, nodeName: 'worker1', settings }));
  }

  async #renew(id: string, csrPem: string, send: (value: unknown) => void): Promise<void> {
    const { renewal } = this.behaviour;
    if (renewal === 'ignore') return;
    await this.behaviour.beforeRenewal();
    if (renewal === 'refuse') return send({ type: 'renewal-refused', id, reason: 'not today' });
    if (renewal === 'garbage') return send({ type: 'certificate', id, chainPem: 'no certificate at all' });
    const { makeKeyAndCsr } = await import('@muster/trust');
    const request = renewal === 'wrong-key' ? (await makeKeyAndCsr({ nodeName: 'worker1' })).csrPem : csrPem;
    send({ type: 'certificate', id, chainPem: await this.behaviour.signer.signNode({ csrPem: request, nodeId, nodeName: 'worker1' }) });
  }
}

/** Messages no server should send. */
const garbage: readonly string[] = [
  '',
  'null',
  '[]',
  '{',
  '{"type":"welcome"}',
  '{"type":"settings","settings":{"heartbeatSeconds":"x"}}',
  '{"type":"heartbeat-ack","sequence":1e999}',
  '{"type":"heartbeat-ack","sequence":-1}',
  '{"type":"certificate","id":"nobody asked","chainPem":"x"}',
  '{"__proto__":{"type":"welcome"}}',
  '{"type":"renewal-refused","id":"x","reason":"y"}',
  `{"type":"${'x'.repeat(100_000)}"}`,
  '{"type":"run","command":"rm"}',
  '\u0000\uFFFF',
];

export function sendGarbage(socket: WebSocket): void {
  for (const text of garbage) socket.send(text);
  socket.send(Buffer.from([0, 255, 254, 1]));
}
