import { type Connection, isSshError, type UploadOptions, type UploadSource } from '@muster/ssh';
import { type Giver, startGiving } from './giving.ts';
import { planGives, type Give } from './plan-gives.ts';

/** What becomes of one host. */
export type Placed = {
  /** False when the file was there already, with content, mode and owner. */
  readonly changed: boolean;
  /** The fellow that gave it. */
  readonly from?: string;
  /** What the provisioner sent. */
  readonly sentBytes: number;
};

export type SpreadOptions = {
  /** A local path, or a source whose digest is known. A path is never given on by hosts. */
  readonly source: string | UploadSource;
  readonly path: string;
  readonly upload: Pick<UploadOptions, 'mode' | 'owner' | 'sudo'> & { readonly signal: AbortSignal };
  /** Uploads of the provisioner at a time where hosts cannot give. */
  readonly forks: number;
  /** Whether hosts may give to each other at all. Default true. */
  readonly mayGive?: boolean;
  readonly onProgress?: (host: string, sentBytes: number, totalBytes: number) => void;
};

const PER_GIVER = 2;
/** What is smaller is there before a fellow is ready to give it. */
const GIVEN_FROM_BYTES = 4 * 1024 * 1024;
/** Givers end when nobody has come for so long. */
const LINGER_MS = 1000;

type Wanting = { readonly connection: Connection; readonly done: PromiseWithResolvers<Placed> };

/**
 * Brings one file to many hosts. The provisioner sends it to one of them, from then on hosts that have it give it to those that lack it, each
 * of which verifies it by its digest. A host that no fellow can reach is sent it by the provisioner.
 *
 * Between hosts the content travels as it is. A file that not everybody on a host may read is therefore only ever sent over SSH.
 */
export class Spread {
  readonly #options: SpreadOptions;
  readonly #mayGive: boolean;
  readonly #waiting = new Map<string, Wanting>();
  readonly #holders = new Map<string, { readonly connection: Connection; giver?: Promise<Giver> }>();
  readonly #gone = new Map<string, AbortSignal>();
  readonly #busy = new Map<string, number>();
  readonly #direct = new Set<string>();
  #uploads = 0;
  #transfers = 0;
  #lingering: NodeJS.Timeout | undefined;

  constructor(options: SpreadOptions) {
    this.#options = options;
    const { source, upload, mayGive = true } = options;
    const isOpen = (upload.mode & 0o004) !== 0;
    this.#mayGive = mayGive && isOpen && typeof source !== 'string' && source.sizeBytes >= GIVEN_FROM_BYTES;
  }

  /** A host is known to have the file: it can give from the start. */
  holds(host: string, connection: Connection): void {
    const gone = new AbortController();
    void connection.closed.then(() => {
      gone.abort();
      this.#holders.delete(host);
      this.#busy.delete(host);
    });
    this.#gone.set(host, gone.signal);
    this.#holders.set(host, { connection });
    this.#busy.set(host, 0);
  }

  /** Aborted once a host that gives is lost: one that lost its power never says so to those that wait for more of the file. */
  #goneOf(host: string): AbortSignal {
    return this.#gone.get(host) ?? AbortSignal.abort();
  }

  /** Resolves when the host has the file. Rejects as `Connection.upload`. Safe to repeat. */
  async place(host: string, connection: Connection): Promise<Placed> {
    const done = Promise.withResolvers<Placed>();
    this.#waiting.set(host, { connection, done });
    this.#step();
    return await done.promise;
  }

  /** Nobody gives any more. */
  async end(): Promise<void> {
    clearTimeout(this.#lingering);
    const givers = [...this.#holders.values()].flatMap(({ giver }) => giver ?? []);
    this.#holders.clear();
    this.#busy.clear();
    await Promise.allSettled(givers.map(async (giver) => (await giver).end()));
  }

  #step(): void {
    clearTimeout(this.#lingering);
    const spread = { waiting: [...this.#waiting.keys()], givers: this.#busy, direct: this.#direct, uploads: this.#uploads };
    const gives = planGives(spread, { perGiver: PER_GIVER, uploads: this.#options.forks, mayGive: this.#mayGive });
    for (const give of gives) {
      const wanting = this.#waiting.get(give.to);
      this.#waiting.delete(give.to);
      if (wanting !== undefined) void this.#transfer(give, wanting).finally(() => this.#step());
    }
    if (this.#waiting.size === 0 && this.#transfers === 0) this.#lingering = setTimeout(() => void this.end(), LINGER_MS);
  }

  async #transfer(give: Give, wanting: Wanting): Promise<void> {
    this.#transfers += 1;
    try {
      const placed = give.from === undefined ? await this.#send(give.to, wanting) : await this.#give(give.to, give.from, wanting);
      this.holds(give.to, wanting.connection);
      wanting.done.resolve(placed);
    } catch (error) {
      const isGiverGone = give.from !== undefined && !this.#options.upload.signal.aborted && this.#goneOf(give.from).aborted;
      if (give.from === undefined || (isFinal(error) && !(isGiverGone && isSshError(error, 'aborted')))) wanting.done.reject(error);
      else {
        this.#direct.add(give.to);
        this.#waiting.set(give.to, wanting);
      }
    } finally {
      this.#transfers -= 1;
    }
  }

  async #send(host: string, { connection }: Wanting): Promise<Placed> {
    const { source, path, upload, onProgress } = this.#options;
    this.#uploads += 1;
    try {
      const { changed, sentBytes } = await connection.upload(source, path, {
        ...upload,
        onProgress: (sent, total) => onProgress?.(host, sent, total),
      });
      return { changed, sentBytes };
    } finally {
      this.#uploads -= 1;
    }
  }

  async #give(host: string, from: string, { connection }: Wanting): Promise<Placed> {
    const { source, path, upload } = this.#options;
    this.#busy.set(from, (this.#busy.get(from) ?? 0) + 1);
    try {
      const giver = await this.#giver(from);
      const { address, port, token } = giver;
      const signal = AbortSignal.any([upload.signal, this.#goneOf(from)]);
      const { changed } = await connection.upload(source, path, { ...upload, signal, peer: { address, port, token } });
      return { changed, ...(changed ? { from } : {}), sentBytes: 0 };
    } finally {
      const busy = this.#busy.get(from);
      if (busy !== undefined) this.#busy.set(from, busy - 1);
    }
  }

  /** A host that cannot give is not asked again. */
  async #giver(host: string): Promise<Giver> {
    const holder = this.#holders.get(host);
    if (holder === undefined) throw new Error(`${host} has ended giving`);
    const { path, upload } = this.#options;
    holder.giver ??= startGiving(holder.connection, path, { sudo: upload.sudo === true, signal: upload.signal });
    try {
      return await holder.giver;
    } catch (error) {
      this.#holders.delete(host);
      this.#busy.delete(host);
      throw error;
    }
  }
}

/** Another sender would fare no better. */
function isFinal(error: unknown): boolean {
  return ['aborted', 'connectionLost', 'diskFull', 'readOnlyFileSystem'].some((kind) => isSshError(error) && error.kind === kind);
}
