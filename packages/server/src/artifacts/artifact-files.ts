import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactCreate, type ArtifactUpload, problem } from '@muster/api';

/** What is in the file of an upload or an artifact. */
type Found = { readonly bytes: number; readonly complete: boolean };

/**
 * The bytes of artifacts in the data folder, by their SHA-256. An upload grows at its end, piece by piece, and may go on after anything; only a
 * file whose hash was compared gets its name.
 */
export class ArtifactFiles {
  readonly #folder: string;
  /** One piece of a file after the other: two that upload the same must not mix. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'artifacts');
  }

  /** The file of a whole artifact. */
  async find(sha256: string): Promise<{ path: string; sizeBytes: number } | undefined> {
    const path = this.#path(sha256);
    const size = await sizeOf(path);
    return size === undefined ? undefined : { path, sizeBytes: size };
  }

  /** Begins an upload, or tells how far it is. What was announced last counts. */
  async begin(announced: ArtifactCreate): Promise<ArtifactUpload> {
    const { sha256 } = announced;
    const { bytes, complete } = await this.#look(sha256);
    if (!complete) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      // Put in place whole: another upload of the same may be reading it.
      const fresh = `${this.#announcement(sha256)}.${randomUUID()}`;
      await writeFile(fresh, JSON.stringify(announced), { mode: 0o600 });
      await rename(fresh, this.#announcement(sha256));
    }
    return { sha256, receivedBytes: bytes, complete };
  }

  /** What an upload was begun with. @throws ProblemError `not-found` for one that was not */
  async announced(sha256: string): Promise<ArtifactCreate> {
    const read = ArtifactCreate.safeParse(await readJson(this.#announcement(sha256)));
    if (read.success) return read.data;
    throw problem('not-found', `No upload of ${sha256} was begun on this server. Begin it with POST /artifacts.`);
  }

  /**
   * Adds a piece; with the last one the whole is compared. Whoever is out of step is told how far it is.
   * @throws ProblemError `upload-out-of-step`, `artifact-damaged`, `storage-full`
   */
  append({ sha256, sizeBytes }: Pick<ArtifactCreate, 'sha256' | 'sizeBytes'>, offset: number, piece: Uint8Array): Promise<ArtifactUpload> {
    const before = this.#last.get(sha256) ?? Promise.resolve();
    const work = before.catch(() => undefined).then(() => this.#append(sha256, sizeBytes, offset, piece));
    this.#last.set(sha256, work);
    const done = (): void => void (this.#last.get(sha256) === work && this.#last.delete(sha256));
    work.then(done, done);
    return work;
  }

  /** Removes a file and what there is of its upload. */
  async remove(sha256: string): Promise<void> {
    await rm(this.#path(sha256), { force: true });
    await rm(this.#partial(sha256), { force: true });
    await rm(this.#announcement(sha256), { force: true });
  }

  async #append(sha256: string, sizeBytes: number, offset: number, piece: Uint8Array): Promise<ArtifactUpload> {
    const { bytes, complete } = await this.#look(sha256);
    if (complete) return { sha256, receivedBytes: bytes, complete };
    if (offset !== bytes)
      throw problem(
        'upload-out-of-step',
        `The piece begins at byte ${offset}, and ${bytes} are there. Ask how far it is, and go on from there.`,
      );
    if (offset + piece.length > sizeBytes)
      throw problem(
        'invalid-request',
        `The piece ends beyond the ${sizeBytes} bytes that were announced. Begin again with the right size.`,
      );
    await this.#write(sha256, offset, piece);
    if (offset + piece.length < sizeBytes) return { sha256, receivedBytes: offset + piece.length, complete: false };
    await this.#complete(sha256);
    return { sha256, receivedBytes: sizeBytes, complete: true };
  }

  async #write(sha256: string, offset: number, piece: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.#partial(sha256), constants.O_CREAT | constants.O_WRONLY, 0o600);
    try {
      // A disk that is nearly full takes a part of a piece, and only then says that it is full.
      for (let written = 0; written < piece.length;)
        written += (await handle.write(piece, written, piece.length - written, offset + written)).bytesWritten;
      await handle.sync();
    } catch (error) {
      // Half a piece would be gone on with as if it were whole.
      await handle.truncate(offset).catch(() => undefined);
      if (isFull(error))
        throw problem(
          'storage-full',
          `The server's disk is full; the ${offset} bytes that are there stay. Make room and upload again.`,
          undefined,
          { cause: error },
        );
      throw error;
    } finally {
      await handle.close();
    }
  }

  async #complete(sha256: string): Promise<void> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.#partial(sha256), { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
    const found = hash.digest('hex');
    if (found !== sha256) {
      await rm(this.#partial(sha256), { force: true });
      throw problem(
        'artifact-damaged',
        `What came has the SHA-256 ${found}, not ${sha256}; it was deleted. Was the file changed during the upload?`,
      );
    }
    await rename(this.#partial(sha256), this.#path(sha256));
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #look(sha256: string): Promise<Found> {
    const whole = await sizeOf(this.#path(sha256));
    if (whole !== undefined) return { bytes: whole, complete: true };
    return { bytes: (await sizeOf(this.#partial(sha256))) ?? 0, complete: false };
  }

  #path(sha256: string): string {
    return join(this.#folder, sha256);
  }

  #announcement(sha256: string): string {
    return join(this.#folder, `${sha256}.json`);
  }

  #partial(sha256: string): string {
    return join(this.#folder, `${sha256}.partial`);
  }
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );

/** What a file says; undefined where there is none, or where a crash left it empty. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
