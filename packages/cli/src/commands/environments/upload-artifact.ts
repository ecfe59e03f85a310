import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ArtifactCreate, type ArtifactUpload, type Client, maxUploadPieceBytes, ProblemError } from '@muster/api';
import { CliError } from '../../cli-error.ts';

/** A file on its way to the artifact store. */
export type UploadedFile = ArtifactCreate & { readonly wasThere: boolean };

/** Tells how far it is. */
export type OnUploadProgress = (bytes: number, total: number) => void;

/** What a file is called by the artifact store. @throws CliError that names the file */
export async function describeFile(path: string): Promise<ArtifactCreate> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new CliError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  });
  if (!found.isFile()) throw new CliError(`${path} is no file.`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
  const parsed = ArtifactCreate.safeParse({ sha256: hash.digest('hex'), name: basename(path), sizeBytes: found.size });
  if (parsed.success) return parsed.data;
  throw new CliError(`${path} cannot become an artifact: ${parsed.error.issues.map((issue) => issue.message).join('; ')}.`);
}

/**
 * Brings a file to the artifact store, piece by piece. One that is there already is not sent; one of which a part is there goes on from its end, also
 * after this command was broken off. The server compares the whole.
 */
export async function uploadArtifact(client: Client, path: string, onProgress: OnUploadProgress = () => undefined): Promise<UploadedFile> {
  const file = await describeFile(path);
  let upload = await client.beginArtifact({ body: file });
  const wasThere = upload.complete;
  const handle = await open(path, 'r');
  try {
    while (!upload.complete) {
      const piece = new Uint8Array(Math.min(maxUploadPieceBytes, file.sizeBytes - upload.receivedBytes));
      const { bytesRead } = await handle.read(piece, 0, piece.length, upload.receivedBytes);
      if (bytesRead < piece.length) throw new CliError(`${path} was changed while it was uploaded. Run the same command again.`);
      upload = await send(client, file, upload, piece);
      onProgress(upload.receivedBytes, file.sizeBytes);
    }
  } finally {
    await handle.close();
  }
  return { ...file, wasThere };
}

/** One piece. Whoever else uploads the same file may have been faster: then it goes on from there. */
async function send(
  client: Client,
  file: ArtifactCreate,
  { receivedBytes: offset }: ArtifactUpload,
  piece: Uint8Array<ArrayBuffer>,
): Promise<ArtifactUpload> {
  try {
    return await client.uploadArtifact({ params: { sha256: file.sha256 }, query: { offset }, body: piece });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== 'upload-out-of-step') throw error;
    return client.beginArtifact({ body: file });
  }
}
