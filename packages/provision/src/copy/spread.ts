import { type Connection, isSshError, type Taking, type UploadOptions, type UploadSource } from '@muster/ssh';
import { type Given, type Giver, startGiving } from './giving.ts';
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

/** Whoever gives to one alone gives it his whole line, and the receiver passes it on at once. */
const PER_GIVER = 1;
/** What is smaller is there before a fellow is ready to give it. */
const GIVEN_FROM_BYTES = 4 * 1024 * 1024;
/** Givers end when nobody has come for so long. */
const LINGER_MS = 1000;

/** A host that has the file, or is `taking` it. */
type Holder = { readonly connection: Connection; readonly taking?: Taking; busy: number; isWhole: boolean; giver?: Promise<Giver> };
type Wanting = { readonly connection: Connection; readonly done: PromiseWithResolvers<Placed> };

/**
 * Brings one file to many hosts. The provisioner sends it to one of them, which passes it on while it comes, and so on: in a row of hosts each
 * line carries the file once. Each verifies it by its digest. A host whose fellow fails in the middle takes the rest from one that has it all;
 * one that no fellow can reach is sent it by the provisioner.
 *
 * Between hosts the content travels as it is. A file that not everybody on a host may read is therefore only ever sent over SSH.
 */
export class Spread {
  readonly #options: SpreadOptions;
  readonly #mayGive: boolean;
  readonly #waiting = new Map<string, Wanting>();
  readonly #holders = new Map<string, Holder>();
  readonly #gone = new Map<string, AbortSignal>();
  readonly #direct = new Set<string>();
  readonly #careful = new Set<string>();
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
    const holder = this.#holders.get(host);
    if (holder === undefined) this.#admit(host, { connection, busy: 0, isWhole: true });
    else holder.isWhole = true;
  }

  #admit(host: string, holder: Holder): void {
    const gone = new AbortController();
    void holder.connection.closed.then(() => {
      gone.abort();
      this.#holders.delete(host);
    });
    this.#gone.set(host, gone.signal);
    this.#holders.set(host, holder);
  }

  /** It gives no more. Those that it gave to will see that they have not got it all. */
  #dismiss(host: string): void {
    const giver = this.#holders.get(host)?.giver;
    this.#holders.delete(host);
    giver?.then(
      (one) => one.end(),
      () => undefined,
    );
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
    await Promise.allSettled(givers.map(async (giver) => (await giver).end()));
  }

  #step(): void {
    clearTimeout(this.#lingering);
    const [givers, direct, careful, uploads] = [this.#holders, this.#direct, this.#careful, this.#uploads];
    const gives = planGives(
      { waiting: [...this.#waiting.keys()], givers, direct, careful, uploads },
      { perGiver: PER_GIVER, uploads: this.#options.forks, mayGive: this.#mayGive },
    );
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
      this.#dismiss(give.to);
      this.#failed(give, wanting, error);
    } finally {
      this.#transfers -= 1;
    }
  }

  #failed({ to, from }: Give, wanting: Wanting, error: unknown): void {
    const isGiverGone = from !== undefined && !this.#options.upload.signal.aborted && this.#goneOf(from).aborted;
    if (from === undefined || (isFinal(error) && !(isGiverGone && isSshError(error, 'aborted')))) {
      wanting.done.reject(error);
      return;
    }
    // One that had not got it all itself may have failed, or been left; what has come is kept, and the next one gives the rest.
    const isWhole = this.#holders.get(from)?.isWhole === true;
    (isWhole || this.#careful.has(to) ? this.#direct : this.#careful).add(to);
    this.#waiting.set(to, wanting);
  }

  async #send(host: string, { connection }: Wanting): Promise<Placed> {
    const { source, path, upload, onProgress } = this.#options;
    this.#uploads += 1;
    try {
      const { changed, sentBytes } = await connection.upload(source, path, {
        ...upload,
        ...this.#passingOn(host, connection),
        onProgress: (sent, total) => onProgress?.(host, sent, total),
      });
      return { changed, sentBytes };
    } finally {
      this.#uploads -= 1;
    }
  }

  /** Whoever takes the file gives it as soon as the first of it is there. */
  #passingOn(host: string, connection: Connection): Pick<UploadOptions, 'onTaking'> {
    if (!this.#mayGive) return {};
    return {
      onTaking: (taking) => {
        if (!this.#direct.has(host)) this.#admit(host, { connection, taking, busy: 0, isWhole: false });
        this.#step();
      },
    };
  }

  async #give(host: string, from: string, { connection }: Wanting): Promise<Placed> {
    const { source, path, upload } = this.#options;
    const holder = this.#holders.get(from);
    if (holder === undefined) throw new Error(`${from} has ended giving`);
    holder.busy += 1;
    try {
      const giver = await this.#giver(from, holder);
      const { address, port, token } = giver;
      const signal = AbortSignal.any([upload.signal, this.#goneOf(from)]);
      const peer = { address, port, token };
      const { changed } = await connection.upload(source, path, { ...upload, ...this.#passingOn(host, connection), signal, peer });
      return { changed, ...(changed ? { from } : {}), sentBytes: 0 };
    } finally {
      holder.busy -= 1;
    }
  }

  /** A host that cannot give is not asked again. */
  async #giver(host: string, holder: Holder): Promise<Giver> {
    const { path, upload } = this.#options;
    holder.giver ??= startGiving(holder.connection, this.#given(path, holder.taking), {
      sudo: upload.sudo === true,
      signal: upload.signal,
    });
    try {
      return await holder.giver;
    } catch (error) {
      this.#holders.delete(host);
      throw error;
    }
  }

  #given(path: string, taking: Taking | undefined): Given {
    const { source } = this.#options;
    return { path, sizeBytes: typeof source === 'string' ? 0 : source.sizeBytes, ...(taking === undefined ? {} : { taking }) };
  }
}

/** Another sender would fare no better. */
function isFinal(error: unknown): boolean {
  return ['aborted', 'connectionLost', 'diskFull', 'readOnlyFileSystem'].some((kind) => isSshError(error) && error.kind === kind);
}
