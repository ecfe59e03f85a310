import { authorityUse, type Clock, type Log } from '@muster/core';
import type { Authorities, DoorIdentity, NumberedAuthority } from '@muster/gateway';
import type { AuthorityState, Store, StoredAuthority, StoredRotation } from '@muster/store';
import { type Crl, type KeyProtector, openAuthority, signRootCrl } from '@muster/trust';
import { unsealAuthority } from '../identity/installation-keys.ts';
import { KeptIdentity } from '../identity/kept-identity.ts';

export type KeptAuthoritiesParts = {
  readonly store: Pick<Store, 'authority'>;
  readonly protector: KeyProtector;
  /** Names and addresses by which this server is reached. */
  readonly hosts: readonly string[];
  readonly serverId: string;
  /** The name of this server for people. */
  readonly serverName: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** One authority, ready to sign, with this server's certificate by it. */
type Opened = {
  readonly authority: NumberedAuthority;
  readonly createdAt: string;
  readonly identity: KeptIdentity;
  /** Of the root; see `signRootCrl`. */
  readonly rootCrl: Crl;
};

const dayMs = 86_400_000;
/** How often it is looked whether another server took a step, where no event came. */
const pollMs = 5000;
/** How often this server says which authority it shows. */
const reportMs = 30_000;

/**
 * The authorities as this server uses them. What the store says is taken over whole, at once, and only when all keys are open; until then the
 * server goes on as it was.
 */
export class KeptAuthorities implements Authorities {
  readonly #parts: KeptAuthoritiesParts;
  readonly #opened = new Map<number, Opened>();
  readonly #timers: NodeJS.Timeout[] = [];
  #state: AuthorityState;
  #reading: Promise<void> | undefined;
  #onChanged: () => void = () => undefined;

  private constructor(parts: KeptAuthoritiesParts, state: AuthorityState) {
    this.#parts = parts;
    this.#state = state;
  }

  /** @throws TrustError when a key cannot be opened */
  static async open(parts: KeptAuthoritiesParts, state: AuthorityState): Promise<KeptAuthorities> {
    const kept = new KeptAuthorities(parts, state);
    await kept.#take(state);
    return kept;
  }

  trusted(): readonly [NumberedAuthority, ...NumberedAuthority[]] {
    const [first = 0, ...others] = this.#use.trusts;
    return [this.#of(first).authority, ...others.map((generation) => this.#of(generation).authority)];
  }

  shown(): NumberedAuthority {
    return this.#of(this.#use.shows).authority;
  }

  identityOf({ generation }: NumberedAuthority): DoorIdentity {
    return this.#of(generation).identity.current;
  }

  get rotation(): StoredRotation | null {
    return this.#state.rotation;
  }

  createdAt({ generation }: NumberedAuthority): string {
    return this.#of(generation).createdAt;
  }

  rootCrlOf({ generation }: NumberedAuthority): Crl {
    return this.#of(generation).rootCrl;
  }

  /** One reading at a time: whoever asks during one gets its result. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Keeps the picture fresh and this server's own certificates valid, and says so whenever either changed. */
  start(onChanged: () => void): void {
    const { log } = this.#parts;
    this.#onChanged = onChanged;
    const every = (intervalMs: number, work: () => Promise<void>, what: string) => {
      const round = () => void work().catch((error: unknown) => log.warn({ error: String(error) }, what));
      this.#timers.push(setInterval(round, intervalMs));
    };
    every(pollMs, () => this.refresh(), 'the state of the authority could not be read');
    every(reportMs, () => this.#report(), 'it could not be said which authority this server shows');
    every(dayMs, () => this.renewIdentities(), 'the certificates of this server could not be renewed');
    void this.#report().catch((error: unknown) =>
      log.warn({ error: String(error) }, 'it could not be said which authority this server shows'),
    );
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Looks whether the server's own certificates are due. */
  async renewIdentities(): Promise<void> {
    for (const { identity } of this.#opened.values()) await identity.renewWhenDue(() => this.#onChanged());
  }

  get #use() {
    const { authorities, rotation } = this.#state;
    return authorityUse(authorities[0]?.generation ?? 0, rotation);
  }

  #of(generation: number): Opened {
    const opened = this.#opened.get(generation);
    if (opened === undefined) throw new Error(`authority ${generation} is not open`);
    return opened;
  }

  async #read(): Promise<void> {
    const state = await this.#parts.store.authority.load();
    // The table is empty for a moment while a backup is restored; this server keeps what it has.
    if (state === null || same(state, this.#state)) return;
    await this.#take(state);
    this.#parts.log.info({ phase: state.rotation?.phase ?? 'none', issues: this.#use.issues }, 'the authorities in force have changed');
    await this.#report();
    this.#onChanged();
  }

  async #take(state: AuthorityState): Promise<void> {
    for (const stored of state.authorities)
      if (!this.#opened.has(stored.generation)) this.#opened.set(stored.generation, await this.#open(stored));
    this.#state = state;
    const inForce = new Set(state.authorities.map((one) => one.generation));
    for (const generation of this.#opened.keys()) if (!inForce.has(generation)) this.#opened.delete(generation);
  }

  async #open(stored: StoredAuthority): Promise<Opened> {
    const { protector, hosts, serverId, clock, log } = this.#parts;
    const parts = await unsealAuthority(stored, protector);
    const authority = { ...(await openAuthority(parts)), generation: stored.generation };
    const identity = await KeptIdentity.make({ authority, hosts, serverId, clock, log });
    return { authority, identity, createdAt: stored.createdAt, rootCrl: await signRootCrl(parts.root) };
  }

  async #report(): Promise<void> {
    const { store, serverId, serverName } = this.#parts;
    const { shows, trusts } = this.#use;
    await store.authority.saveServer({ serverId, name: serverName, shows, trusts });
  }
}

const same = (a: AuthorityState, b: AuthorityState): boolean =>
  a.rotation?.phase === b.rotation?.phase &&
  a.rotation?.startedAt === b.rotation?.startedAt &&
  a.authorities.map((one) => one.generation).join() === b.authorities.map((one) => one.generation).join();
