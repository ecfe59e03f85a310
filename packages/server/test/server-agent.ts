import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import type { AgentMessage, EnrolmentAnswer } from '@muster/api';
import { decodeJoinToken, serverIdentity } from '@muster/api';
import { makeKeyAndCsr } from '@muster/trust';
import { WebSocket } from 'ws';
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
export async function enrolAgent(server: TestServer, name: string, given?: { token: string; csrPem: string }): Promise<ServerAgent> {
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

/** An agent that a test speaks through. */
export class ServerAgent {
  readonly credentials: Credentials;
  readonly #socket: WebSocket;
  closedWith: number | undefined;
  #sequence = 0;

  private constructor(socket: WebSocket, credentials: Credentials) {
    this.#socket = socket;
    this.credentials = credentials;
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.closedWith = code;
    });
  }

  static connect({ agentsPort }: Pick<TestServer, 'agentsPort'>, credentials: Credentials): Promise<ServerAgent> {
    const { keyPem: key, chainPem: cert, rootPem: ca } = credentials;
    const socket = new WebSocket(`wss://127.0.0.1:${agentsPort}/agent`, { key, cert, ca, servername: serverIdentity });
    const agent = new ServerAgent(socket, credentials);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(agent));
      socket.once('error', reject);
    });
  }

  say(message: AgentMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  beat(): void {
    this.say({ type: 'heartbeat', sequence: this.#sequence++, clockMs: Date.now() });
  }

  close(): void {
    this.#socket.close();
  }
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
