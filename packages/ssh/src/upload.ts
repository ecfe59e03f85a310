import type { ExecOptions, ExecResult } from './exec.ts';
import { badInputError, type HostIdentity, oneLine, SshError, type SshErrorParts } from './ssh-error.ts';
import { uploadScript, type UploadPeer } from './upload-script.ts';
import { bufferSource, fileSource, type UploadSource } from './upload-source.ts';

/** Settings of one upload. */
export interface UploadOptions {
  /** Permission bits of the file on the host, such as 0o644. */
  readonly mode: number;
  /** `user` or `user:group`; needs `sudo`, as a rule. Default: whoever writes. */
  readonly owner?: string | undefined;
  readonly sudo?: boolean | undefined;
  /** The host fetches the content from this one of its fellows; nothing but the digest is sent to it. */
  readonly peer?: UploadPeer | undefined;
  /** Called once the host begins to take the content, and not where it has it already: others can read along from then on. */
  readonly onTaking?: ((taking: Taking) => void) | undefined;
  /** Called after each piece that was handed to the connection. */
  readonly onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A file on the host to which an upload writes: its content is whole, or as far as it got, once the process is gone. */
export interface Taking {
  readonly path: string;
  readonly pid: number;
}

/** What an upload did. */
export interface UploadResult {
  /** False when the file was there already, with content, mode and owner. */
  readonly changed: boolean;
  /** 0 when the content was there already. */
  readonly sentBytes: number;
  readonly sha256: string;
}

/** Runs a script on the host of the upload. */
export type RunScript = (script: string, options: ExecOptions) => Promise<ExecResult>;

/** Uploads to one host; see {@link Connection.upload}. */
export async function uploadFile(
  host: HostIdentity,
  run: RunScript,
  from: Uint8Array | string | UploadSource,
  remotePath: string,
  options: UploadOptions,
): Promise<UploadResult> {
  checkGoal(host, remotePath, options);
  const source = await openSource(host, from);
  try {
    return await transfer(host, run, source, remotePath, options);
  } catch (error) {
    // What was kept of an earlier upload was damaged, and is gone by now.
    if (error instanceof DigestError && error.wasResumed) {
      return await transfer(host, run, source, remotePath, options);
    }
    throw error;
  }
}

async function transfer(
  host: HostIdentity,
  run: RunScript,
  source: UploadSource,
  remotePath: string,
  options: UploadOptions,
): Promise<UploadResult> {
  const sender = new Sender(source, options);
  const label = `upload ${remotePath}`;
  const { mode, owner, sudo, timeoutSeconds, signal, peer } = options;
  const saysWhere = options.onTaking !== undefined;
  const { sha256, sizeBytes } = source;
  const result = await run(uploadScript({ remotePath, sha256, sizeBytes, mode, owner, peer, saysWhere }), {
    label,
    sudo,
    timeoutSeconds,
    signal,
    stdin: sender,
    onOutput: ({ stream, data }) => {
      if (stream === 'stdout') {
        sender.onAnswer(data.toString('latin1'));
      }
    },
  });
  const answer = result.stdout.trim().split('\n').at(-1) ?? '';
  if (result.exitCode !== 0 || !['same', 'attributes', 'done'].includes(answer)) {
    const parts = uploadErrorParts(host, label, answer, result);
    throw answer === 'fail digest' ? new DigestError(parts, sender.offset > 0) : new SshError(parts);
  }
  return { changed: answer !== 'same', sentBytes: sender.sentBytes, sha256: source.sha256 };
}

/** What arrived is not what was sent. */
class DigestError extends SshError {
  readonly wasResumed: boolean;

  constructor(parts: SshErrorParts, wasResumed: boolean) {
    super(parts);
    this.wasResumed = wasResumed;
  }
}

/** Hands out the content once the host has asked for it, and nothing if it has the file already. */
class Sender implements AsyncIterable<Uint8Array> {
  sentBytes = 0;
  /** Where the host wanted it from: further on when an earlier upload was interrupted. */
  offset = 0;
  readonly #source: UploadSource;
  readonly #options: Pick<UploadOptions, 'onProgress' | 'onTaking'>;
  readonly #wanted = Promise.withResolvers<boolean>();
  #answers = '';

  constructor(source: UploadSource, options: Pick<UploadOptions, 'onProgress' | 'onTaking'>) {
    this.#source = source;
    this.#options = options;
  }

  onAnswer(text: string): void {
    this.#answers = (this.#answers + text).replace(/^taking (\d+) (.+)\n/u, (_line, pid: string, path: string) => {
      this.#options.onTaking?.({ pid: Number(pid), path: Buffer.from(path, 'latin1').toString('utf8') });
      return '';
    });
    if (this.#answers.includes('\n')) {
      const [, offset] = /^send (\d+)\n/u.exec(this.#answers) ?? [];
      this.offset = Number(offset ?? 0);
      this.#wanted.resolve(offset !== undefined);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (!(await this.#wanted.promise)) {
      return;
    }
    for await (const chunk of this.#source.open(this.offset)) {
      yield chunk;
      this.sentBytes += chunk.byteLength;
      this.#options.onProgress?.(this.offset + this.sentBytes, this.#source.sizeBytes);
    }
  }
}

function checkGoal(host: HostIdentity, remotePath: string, options: UploadOptions): void {
  if (!remotePath.startsWith('/') || remotePath.endsWith('/') || /[\n\0]/.test(remotePath)) {
    throw badInputError(host, `"${oneLine(remotePath)}" is not a path to upload to`, 'Give an absolute path of a file.');
  }
  if (!Number.isInteger(options.mode) || options.mode < 0 || options.mode > 0o7777) {
    throw badInputError(host, `${options.mode} is not a file mode`, 'Give permission bits, such as 0o644.');
  }
  if (options.owner !== undefined && !/^[a-zA-Z0-9_][\w.-]*(:[a-zA-Z0-9_][\w.-]*)?$/.test(options.owner)) {
    throw badInputError(host, `"${oneLine(options.owner)}" is not an owner`, 'Give user or user:group.');
  }
}

async function openSource(host: HostIdentity, from: Uint8Array | string | UploadSource): Promise<UploadSource> {
  if (from instanceof Uint8Array) {
    return bufferSource(from);
  }
  if (typeof from !== 'string') {
    return from;
  }
  try {
    return await fileSource(from);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SshError({
      kind: 'badInput',
      host,
      what: `the local file cannot be read: ${reason}`,
      advice: "Nothing was sent. Correct the path or the file's mode.",
      cause,
    });
  }
}

const REASONS: ReadonlyMap<string, readonly [what: string, advice: string]> = new Map([
  ['noSha256sum', ['sha256sum is missing', 'Install coreutils on the host.']],
  ['isFolder', ['the target is a folder', 'Give the path of a file.']],
  ['noFolder', ["the target's folder does not exist", 'Make it first.']],
  ['create', ["no file can be made in the target's folder", 'Check its owner and mode, or upload with sudo.']],
  ['short', ['it did not arrive as a whole', 'The local file changed or the transfer was cut short: upload again.']],
  ['peer', ['its fellow did not give it', 'May hosts of the cluster connect to each other? Muster sends it by itself otherwise.']],
  ['digest', ['what arrived has another SHA-256', 'The local file changed or the transfer was cut short: upload again.']],
  ['attributes', ['mode or owner cannot be set', 'Does the user exist on the host? Another owner needs sudo.']],
]);

function uploadErrorParts(host: HostIdentity, label: string, answer: string, result: ExecResult): SshErrorParts {
  const reason = answer.startsWith('fail ') ? answer.slice('fail '.length) : '';
  const said = oneLine(result.stderr);
  const [what, advice] = REASONS.get(reason) ?? ['the file was not written', "Look at the target's folder on the host."];
  const ending = result.signal === null ? '' : `, ended by ${result.signal}`;
  const detail = `${what}${said === '' ? '' : `: ${said}`}${ending}`;
  const base = { host, command: label, exitCode: result.exitCode };
  if (/no space left|quota exceeded/i.test(said)) {
    return {
      ...base,
      kind: 'diskFull',
      what: `the disk is full: ${said}`,
      advice: "Free space there; the file's old content is untouched.",
    };
  }
  if (/read-only file system/i.test(said)) {
    return {
      ...base,
      kind: 'readOnlyFileSystem',
      what: `the file system is read-only: ${said}`,
      advice: "Read why in the host's `dmesg` (a failing disk?), mend it and remount it; the file's old content is untouched.",
    };
  }
  return { ...base, kind: 'uploadFailed', what: detail, advice: `${advice} The file's old content is untouched.` };
}
