import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import { type Event, problem, ProblemError } from '@muster/api';
import type { Log } from '@muster/core';
import { isStoreUnavailable } from '@muster/store';
import { sendProblem } from './answers.ts';
import type { PeerCheck } from './peer-check.ts';

/** Where this server keeps the bytes of artifacts. */
export type ArtifactSource = {
  /** The file of an artifact that is whole; undefined where this server does not have it. */
  find(sha256: string): Promise<{ readonly path: string; readonly sizeBytes: number } | undefined>;
  /** Whether this server fetches it from another one now, because a node wants it: then it has it soon. */
  fetches?(sha256: string): Promise<boolean>;
};

export type ArtifactDownloadParts = {
  readonly artifacts: ArtifactSource;
  readonly downloadsAtOnce: number;
  readonly check: (socket: TLSSocket) => Promise<PeerCheck>;
  /** The id of the server of the pool at the other end. @throws ProblemError where none is there */
  readonly memberAt: (socket: TLSSocket) => Promise<string>;
  readonly onRefused: (verdict: Extract<PeerCheck, { ok: false }>, address: string) => void;
  readonly log: Log;
};

/** Who asks: a node, or another server of the pool. */
type Asking = { readonly nodeId: string; readonly nodeName: string; readonly serial: string; readonly isMember: boolean };
type Download = { readonly nodeId: string; readonly serial: string; readonly response: ServerResponse };

/** A node that takes nothing for so long is gone, or wants to hold a place. */
const silenceMs = 60_000;

/**
 * `GET /artifacts/<sha256>` at the agents' door: only to nodes with a certificate in force and to other servers of the pool, with `Range`, to so many at once; `HEAD` tells whether it is here. Which files a node may have is
 * not asked: whatever is in the store may be on any node.
 */
export class ArtifactDownloads {
  readonly #parts: ArtifactDownloadParts;
  readonly #running = new Set<Download>();

  constructor(parts: ArtifactDownloadParts) {
    this.#parts = parts;
  }

  /** The hash in a path that asks for an artifact; undefined for every other. */
  static wanted({ method, url }: IncomingMessage): string | undefined {
    return method === 'GET' || method === 'HEAD' ? /^\/artifacts\/([0-9a-f]{64})$/u.exec(url ?? '')?.[1] : undefined;
  }

  async answer(request: IncomingMessage, response: ServerResponse, sha256: string): Promise<void> {
    try {
      await this.#answer(request, response, sha256);
    } catch (error) {
      const isOurs = error instanceof ProblemError;
      if (!isOurs && !response.headersSent && !isStoreUnavailable(error))
        this.#parts.log.warn({ error: String(error) }, 'an artifact could not be given');
      if (response.headersSent) response.destroy();
      else sendProblem(response, isOurs ? error : problem('store-unavailable', 'The artifact cannot be given for the moment. Try again.'));
    }
  }

  /** Ends what a revoked certificate or a removed node still gets. */
  apply({ kind, nodeId, data }: Event): void {
    for (const one of this.#running) {
      const isVoid =
        (kind === 'certificate-revoked' && one.serial === data['serial']) || (kind === 'node-removed' && one.nodeId === nodeId);
      if (isVoid) one.response.destroy();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, sha256: string): Promise<void> {
    const { artifacts, downloadsAtOnce } = this.#parts;
    const { nodeId, serial, nodeName, isMember } = await this.#whoAsks(request.socket as TLSSocket);
    const ofNode = [...this.#running].filter((one) => one.nodeId === nodeId).length;
    // One node has one place: it builds one environment at a time.
    if (this.#running.size >= downloadsAtOnce || ofNode > 1)
      throw problem('too-many-requests', `This server gives artifacts to ${downloadsAtOnce} nodes at a time; ${nodeName} waits.`);
    const download: Download = { nodeId, serial, response };
    this.#running.add(download);
    try {
      const file = await artifacts.find(sha256);
      if (file === undefined && !isMember && (await artifacts.fetches?.(sha256)) === true)
        throw problem('too-many-requests', `This server fetches the artifact ${sha256} from another one; ${nodeName} waits.`);
      if (file === undefined) throw problem('not-found', `This server does not have the artifact ${sha256}.`);
      await send(request, response, file);
    } finally {
      this.#running.delete(download);
    }
  }

  async #whoAsks(socket: TLSSocket): Promise<Asking> {
    const { check, memberAt, onRefused } = this.#parts;
    const verdict = await check(socket);
    if (verdict.ok) return { ...verdict.identity, isMember: false };
    const serverId = verdict.refusal.reason === 'not-a-node' ? await memberAt(socket).catch(() => undefined) : undefined;
    if (serverId !== undefined) return { nodeId: serverId, serial: '', nodeName: `the server ${serverId}`, isMember: true };
    onRefused(verdict, socket.remoteAddress ?? 'unknown');
    throw problem('not-allowed', verdict.refusal.message);
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { path, sizeBytes }: { path: string; sizeBytes: number },
): Promise<void> {
  const asked = startIn(request.headers.range);
  const start = asked ?? 0;
  if (start >= sizeBytes) {
    response.writeHead(416, { 'content-range': `bytes */${sizeBytes}`, 'content-length': 0, connection: 'close' }).end();
    return;
  }
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': sizeBytes - start,
    'accept-ranges': 'bytes',
    connection: 'close',
  };
  if (asked === undefined) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` });
  if (request.method === 'HEAD') return void response.end();
  request.socket.setTimeout(silenceMs, () => response.destroy());
  // A node that hangs up has what it has; it comes back for the rest.
  await pipeline(createReadStream(path, { start }), response).catch(() => response.destroy());
}

/** Where the answer begins: of all kinds of ranges only "from here to the end" is asked by agents. Undefined for every other, which may be ignored. */
function startIn(range: string | undefined): number | undefined {
  const from = /^bytes=(\d{1,15})-$/u.exec(range ?? '')?.[1];
  return from === undefined ? undefined : Number(from);
}
