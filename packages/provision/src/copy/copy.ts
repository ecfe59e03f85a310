import { type Connection, fanOut, fileSource, isSshError, shellQuote, type UploadSource } from '@muster/ssh';
import { failureOf, type Failure } from '../engine/failure.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { Spread, type SpreadOptions } from './spread.ts';

/** How one host got the file, or why not. */
export type Copied = {
  readonly host: string;
  readonly status: 'unchanged' | 'changed' | 'would-change' | 'failed';
  /** The host that gave it; undefined when this machine sent it, or nothing was sent. */
  readonly from?: string;
  readonly sentBytes: number;
  readonly seconds: number;
  readonly failure?: Failure;
};

export type CopyOptions = {
  readonly file: string;
  /** Absolute path of the file on the hosts. */
  readonly path: string;
  readonly mode: number;
  readonly owner?: string | undefined;
  readonly forks: number;
  readonly dryRun: boolean;
  /** Whether hosts may give to each other. */
  readonly mayGive: boolean;
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  readonly signal: AbortSignal;
  readonly onCopied?: (copied: Copied) => void;
  readonly onProgress?: SpreadOptions['onProgress'];
};

/**
 * Brings a file to every host, as root: by content, atomically, verified there, resumed after an interruption, given on by hosts that have it.
 * A host that fails stops no other; a second run changes nothing.
 * @throws ProvisionError when the file cannot be read
 */
export async function copy(
  hosts: readonly ClusterHost[],
  options: CopyOptions,
): Promise<{ sha256: string; sizeBytes: number; copied: Copied[] }> {
  const source = await readable(options.file);
  const run = new CopyRun(source, options);
  try {
    return { sha256: source.sha256, sizeBytes: source.sizeBytes, copied: await run.over(hosts) };
  } finally {
    await run.end();
  }
}

async function readable(file: string): Promise<UploadSource> {
  return await fileSource(file).catch((error: unknown) => {
    throw new ProvisionError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
}

class CopyRun {
  readonly #source: UploadSource;
  readonly #options: CopyOptions;
  readonly #spread: Spread;
  readonly #connections: Connection[] = [];

  constructor(source: UploadSource, options: CopyOptions) {
    this.#source = source;
    this.#options = options;
    const { path, mode, owner, forks, mayGive, onProgress, signal } = options;
    const upload = { mode, owner, sudo: true, signal };
    this.#spread = new Spread({ source, path, upload, forks, mayGive, ...(onProgress === undefined ? {} : { onProgress }) });
  }

  async over(hosts: readonly ClusterHost[]): Promise<Copied[]> {
    const { forks, signal, onCopied } = this.#options;
    const work = async (host: ClusterHost): Promise<Copied> => {
      const copied = await this.#one(host);
      onCopied?.(copied);
      return copied;
    };
    const results = await fanOut(hosts, forks, work, { signal });
    return results.map((result) =>
      result.status === 'done' ? result.value : failed(result.item.name, 0, new ProvisionError('Interrupted before this host was tried.')),
    );
  }

  async end(): Promise<void> {
    await this.#spread.end();
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  async #one(host: ClusterHost): Promise<Copied> {
    const startedMs = performance.now();
    const seconds = (): number => (performance.now() - startedMs) / 1000;
    try {
      const connection = await this.#options.connect(host);
      // Kept open: a host that has the file gives it to its fellows.
      this.#connections.push(connection);
      if (this.#options.dryRun) return { host: host.name, status: await this.#look(connection), sentBytes: 0, seconds: seconds() };
      const { changed, from, sentBytes } = await this.#spread.place(host.name, connection);
      const status = changed ? 'changed' : 'unchanged';
      return { host: host.name, status, sentBytes, seconds: seconds(), ...(from === undefined ? {} : { from }) };
    } catch (error) {
      return failed(host.name, seconds(), error);
    }
  }

  /** What a run would do. */
  async #look(connection: Connection): Promise<'unchanged' | 'would-change'> {
    const { path, mode, owner, signal } = this.#options;
    const [user, group] = owner?.split(':') ?? [];
    const wanted = [mode.toString(8), user, group].filter((part) => part !== undefined).join(' ');
    const format = ['%a', ...(user === undefined ? [] : ['%U']), ...(group === undefined ? [] : ['%G'])].join(' ');
    const script = `f=${shellQuote(path)}
[ -f "$f" ] && [ ! -L "$f" ] || exit 0
stat -c ${shellQuote(format)} -- "$f"
sha256sum <"$f"`;
    const said = await runScript(connection, script, { label: 'look at the file', sudo: true, timeoutSeconds: 600, signal });
    return said.startsWith(`${wanted}\n${this.#source.sha256} `) ? 'unchanged' : 'would-change';
  }
}

const failed = (host: string, seconds: number, error: unknown): Copied => ({
  host,
  status: 'failed',
  sentBytes: 0,
  seconds,
  failure: failureOf('copy', host, isSshError(error) || error instanceof Error ? error : new Error(String(error))),
});
