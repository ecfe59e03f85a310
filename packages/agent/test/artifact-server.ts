/* A server's door for artifacts that does what a test says: real TLS with client certificates, no Muster behind it. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ArtifactReference } from '@muster/api/agent';
import { onTestFinished } from 'vitest';
import type { FakeAuthority } from './fake-authority.ts';

/** A file and its name in the store. */
export type ServedArtifact = ArtifactReference & { readonly content: Buffer };

export function artifactOf(name: string, content: Buffer): ServedArtifact {
  return { name, content, sha256: createHash('sha256').update(content).digest('hex'), sizeBytes: content.length };
}

/** What the fake does with the next answers. */
export type ArtifactBehaviour = {
  /** Cuts the connection after so many bytes of an answer. */
  cutAfter?: number;
  /** Answers with this status. */
  status?: number;
  /** Gives other bytes of the same length. */
  damaged?: boolean;
  /** Sends nothing more after the head. */
  stall?: boolean;
  /** Called with each request; a test may stop the server here. */
  onRequest?: () => void;
};

export class FakeArtifactServer {
  readonly behaviour: ArtifactBehaviour = {};
  readonly artifacts = new Map<string, ServedArtifact>();
  /** What was asked for: path and range. */
  readonly requests: { readonly sha256: string; readonly range: string | undefined }[] = [];
  /** Bytes of files that were given, cut answers included. */
  sentBytes = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(authority: FakeAuthority, artifacts: readonly ServedArtifact[]): Promise<FakeArtifactServer> {
    const server = new FakeArtifactServer(authority);
    for (const one of artifacts) server.artifacts.set(one.sha256, one);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.stop());
    return server;
  }

  private constructor(authority: FakeAuthority) {
    const { serverKeyPem: key, serverChainPem: cert } = authority;
    this.#server = createServer(
      { key, cert, ca: authority.authority.rootPem, requestCert: true, rejectUnauthorized: true },
      (request, response) => this.#answer(request, response),
    );
    this.#server.on('secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As kill -9 of a server. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const sha256 = (request.url ?? '').split('/').at(-1) ?? '';
    this.requests.push({ sha256, range: request.headers.range });
    this.behaviour.onRequest?.();
    const artifact = this.artifacts.get(sha256);
    const { status, stall, damaged } = this.behaviour;
    if (artifact === undefined || status !== undefined) return void response.writeHead(status ?? 404).end();
    const from = startOf(request);
    const bytes = (damaged === true ? Buffer.alloc(artifact.sizeBytes, '!') : artifact.content).subarray(from);
    const range = { 'content-range': `bytes ${from}-${artifact.sizeBytes - 1}/${artifact.sizeBytes}` };
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length, ...(from > 0 ? range : {}) });
    response.flushHeaders();
    if (stall !== true) this.#give(bytes, response);
  }

  /** The bytes of an answer, or as many as come before the cut. */
  #give(bytes: Buffer, response: ServerResponse): void {
    const { cutAfter } = this.behaviour;
    if (cutAfter === undefined || cutAfter >= bytes.length) {
      this.sentBytes += bytes.length;
      return void response.end(bytes);
    }
    this.sentBytes += cutAfter;
    response.write(bytes.subarray(0, cutAfter), () => setTimeout(() => response.socket?.destroy(), 20));
  }
}

/** The first byte that is asked for. */
const startOf = ({ headers }: IncomingMessage): number => Number(/^bytes=(\d+)-$/u.exec(headers.range ?? '')?.[1] ?? 0);
