import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { checkServerIdentity } from 'node:tls';
import { type ArtifactReference, authorityHint, serverIdentity } from '@muster/api/agent';
import { messageOf } from '../../agent-error.ts';
import { parseServerAddress } from '../../connection/server-address.ts';
import type { Identity } from '../../state/identity.ts';

/** Without a byte for this long a server is given up for now. */
const silenceMs = 30_000;

export type FetchIdentity = Pick<Identity, 'keyPem' | 'chainPem' | 'rootPem' | 'rootFingerprint'>;

/**
 * How one attempt ended. `whole`: the file has its full length. `cut`: it has more or as much as before, go on later or elsewhere.
 * `busy`: the server gives to as many as it may. `without`: this server does not have it.
 */
export type DownloadEnd = { readonly kind: 'whole' } | { readonly kind: 'cut' | 'busy' | 'without'; readonly reason: string };

/** Fetches what is missing of an artifact from one server, after what is in the file already. @throws what the disk says (ENOSPC) */
export async function download(server: string, artifact: ArtifactReference, file: string, identity: FetchIdentity): Promise<DownloadEnd> {
  const have = await sizeOf(file);
  if (have === artifact.sizeBytes) return { kind: 'whole' };
  const response = await ask(server, artifact, have, identity).catch((error: unknown) => ({ failed: messageOf(error) }));
  if ('failed' in response) return { kind: 'cut', reason: `${server}: ${response.failed}` };
  const refusal = refusalIn(response, have, artifact.sizeBytes);
  if (refusal !== undefined) {
    response.destroy();
    return { ...refusal, reason: `${server}: ${refusal.reason}` };
  }
  const flags = response.statusCode === 206 ? 'a' : 'w';
  try {
    await pipeline(response, boundedTo(artifact.sizeBytes - (flags === 'a' ? have : 0)), createWriteStream(file, { flags, mode: 0o644 }));
  } catch (error) {
    if (isOfDisk(error)) throw error;
    return { kind: 'cut', reason: `${server}: ${messageOf(error)}` };
  }
  return (await sizeOf(file)) === artifact.sizeBytes ? { kind: 'whole' } : { kind: 'cut', reason: `${server}: the answer ended early` };
}

function ask(server: string, { sha256 }: ArtifactReference, have: number, identity: FetchIdentity): Promise<IncomingMessage> {
  const address = parseServerAddress(server);
  if (address === undefined) return Promise.reject(new Error('not an address of a server'));
  const { keyPem: key, chainPem: cert, rootPem: ca } = identity;
  return new Promise((resolve, reject) => {
    const call = request({
      ...address,
      path: `/artifacts/${sha256}`,
      key,
      cert,
      ca,
      // Shown is then a certificate of the authority that this node's own is of, also while another replaces it.
      servername: authorityHint(identity.rootFingerprint),
      checkServerIdentity: (_asked, certificate) => checkServerIdentity(serverIdentity, certificate),
      agent: false,
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
    });
    // Also between two pieces of the answer: a server that went away without a word must not hold a build for ever.
    call.setTimeout(silenceMs, () => call.destroy(new Error(`nothing for ${silenceMs / 1000} s`)));
    call.once('response', resolve);
    call.on('error', reject);
    call.end();
  });
}

function refusalIn(response: IncomingMessage, have: number, size: number): Exclude<DownloadEnd, { kind: 'whole' }> | undefined {
  const { statusCode: status = 0, headers } = response;
  if (status === 429 || status === 503) return { kind: 'busy', reason: 'it is busy' };
  if (status === 404) return { kind: 'without', reason: 'it does not have the file' };
  if (status === 206) {
    const expected = `bytes ${have}-${size - 1}/${size}`;
    return headers['content-range'] === expected
      ? undefined
      : { kind: 'without', reason: 'it has a file of another length under this name' };
  }
  if (status !== 200) return { kind: 'without', reason: `it answered with status ${status}` };
  return headers['content-length'] === String(size)
    ? undefined
    : { kind: 'without', reason: 'it has a file of another length under this name' };
}

/** Lets through no more than was promised. */
const boundedTo = (bytes: number) =>
  async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let left = bytes;
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) throw new Error('the server sends more than the file is long');
      yield chunk;
    }
  };

const isOfDisk = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'ENOENT'].includes(String(error.code));

export const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
