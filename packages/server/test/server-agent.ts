import { randomBytes, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { type AgentMessage, decodeJoinToken, type EnrolmentAnswer, serverIdentity, type ServerMessage } from '@muster/api';
import { makeKeyAndCsr } from '@muster/trust';
import type { TestServer } from './server-fixture.ts';

export type Credentials = { readonly keyPem: string; readonly chainPem: string; readonly rootPem: string };

const post = (port: number, body: unknown): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    // The token's fingerprint is what the agent trusts; it is compared below.
    const options = { host: '127.0.0.1', port, path: '/enroll', method: 'POST', rejectUnauthorized: false, agent: false } as const;
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });

/** Adds the node where it is not there, enrols with a token, connects, and says hello. */
export async function enrolAgent(server: TestServer, name: string, given?: { token: string; csrPem?: string }): Promise<ServerAgent> {
  if (given === undefined) await server.local.addNode({ body: { name } });
  const { token } = given ?? (await server.local.makeJoinToken({ params: { node: name } }));
  const content = decodeJoinToken(token);
  if (content === undefined) throw new Error('no token');
  const made = await makeKeyAndCsr({ nodeName: name });
  const { status, text } = await post(server.agentsPort, { name, secret: content.secret, csrPem: given?.csrPem ?? made.csrPem });
  if (status !== 200) throw new Error(`${status} ${text}`);
  const { chainPem, rootPem } = JSON.parse(text) as EnrolmentAnswer;
  const fingerprint = new X509Certificate(rootPem).fingerprint256.replaceAll(':', '').toLowerCase();
  if (fingerprint !== content.caFingerprint) throw new Error('the root is not the one of the token');
  const agent = await ServerAgent.connect(server, { keyPem: made.keyPem, chainPem, rootPem });
  agent.say({ type: 'hello', protocol: 1, agentVersion: '0.1.0', bootId: 'b', clockMs: Date.now() });
  agent.say({ type: 'report', facts: facts(name), services: { available: true, services: [] } });
  return agent;
}

/** An agent that a test speaks through: just as much of a WebSocket (RFC 6455) as it takes to say small things and hear the end. */
export class ServerAgent {
  readonly credentials: Credentials;
  readonly #socket: TLSSocket;
  closedWith: number | undefined;
  readonly received: ServerMessage[] = [];
  #sequence = 0;
  #received = Buffer.alloc(0);

  private constructor(socket: TLSSocket, credentials: Credentials) {
    this.#socket = socket;
    this.credentials = credentials;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closedWith ??= 1006;
    });
  }

  static connect({ agentsPort }: Pick<TestServer, 'agentsPort'>, credentials: Credentials): Promise<ServerAgent> {
    const { keyPem: key, chainPem: cert, rootPem: ca } = credentials;
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    const options = {
      host: '127.0.0.1',
      port: agentsPort,
      path: '/agent',
      key,
      cert,
      ca,
      servername: serverIdentity,
      agent: false,
    } as const;
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, headers });
      sent.on('upgrade', (_response, socket) => resolve(new ServerAgent(socket as TLSSocket, credentials)));
      sent.on('response', (response) => reject(new Error(`refused with ${response.statusCode}`)));
      sent.on('error', reject);
      sent.end();
    });
  }

  say(message: AgentMessage): void {
    if (this.closedWith === undefined) this.#socket.write(frameOf(0x1, Buffer.from(JSON.stringify(message))));
  }

  beat(): void {
    this.say({ type: 'heartbeat', sequence: this.#sequence++, clockMs: Date.now() });
  }

  close(): void {
    this.#socket.end();
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const long = this.#received[1] === 126;
      const length = long ? this.#received.readUInt16BE(2) : (this.#received[1] ?? 0);
      const from = long ? 4 : 2;
      if (this.#received.length < from + length) return;
      const isClose = ((this.#received[0] ?? 0) & 0x0f) === 0x8;
      const isText = ((this.#received[0] ?? 0) & 0x0f) === 0x1;
      if (isText) this.received.push(JSON.parse(this.#received.toString('utf8', from, from + length)) as ServerMessage);
      if (isClose) this.closedWith = this.#received.readUInt16BE(from);
      if (isClose) this.#socket.end(frameOf(0x8, this.#received.subarray(from, from + 2)));
      this.#received = this.#received.subarray(from + length);
    }
  }
}

/** One frame of a client: final, masked with zeros. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]);
}

const facts = (hostname: string) => ({
  hostname,
  addresses: [],
  cores: 1,
  memoryBytes: 1e9,
  gpus: [],
  os: { id: 'debian', version: '12', name: 'Debian' },
  kernel: '6.1',
  architecture: 'x64',
  bootId: 'b',
  agentVersion: '0.1.0',
});
