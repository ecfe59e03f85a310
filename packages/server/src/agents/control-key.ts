import { makeOwnKey, type OwnKey, publicKeyOf } from '@muster/ssh';
import type { Store } from '@muster/store';
import type { KeyProtector } from '@muster/trust';

type Kept = NonNullable<Awaited<ReturnType<Store['agentControl']['key']>>>;

/**
 * The SSH key of the servers of this installation: made when it is first needed, kept in the database, its private half sealed. It is
 * none of an operator's keys and none of the authority's. Any server may change it, so each use asks which it is.
 */
export class ControlKeyRing {
  readonly #store: Pick<Store, 'agentControl'>;
  readonly #protector: KeyProtector;
  /** Keys that were opened, by their public half. */
  readonly #opened = new Map<string, Promise<OwnKey>>();

  constructor(store: Pick<Store, 'agentControl'>, protector: KeyProtector) {
    this.#store = store;
    this.#protector = protector;
  }

  /** @throws StoreUnavailable; TrustError for a key that another master key has sealed */
  async key(): Promise<OwnKey> {
    const { agentControl } = this.#store;
    return this.#open((await agentControl.key()) ?? (await agentControl.saveKeyIfAbsent(await this.#sealed(makeOwnKey()))));
  }

  /** The key that is to follow; undefined while none is. @throws as `key` */
  async nextKey(): Promise<OwnKey | undefined> {
    const kept = await this.#store.agentControl.nextKey();
    return kept === null ? undefined : this.#open(kept);
  }

  /** Makes the key that is to follow, where there is none. Returns the one there is. @throws as `key` */
  async makeNextKey(): Promise<OwnKey> {
    await this.key();
    const kept = await this.#store.agentControl.saveNextKeyIfAbsent(await this.#sealed(makeOwnKey()));
    if (kept === null) throw new Error('There is no key that another one could follow.');
    return this.#open(kept);
  }

  #open({ publicKey, sealedKey }: Kept): Promise<OwnKey> {
    const opened = this.#opened.get(publicKey) ?? this.#unseal(sealedKey);
    this.#opened.set(publicKey, opened);
    opened.catch(() => this.#opened.delete(publicKey));
    return opened;
  }

  async #unseal(sealedKey: Uint8Array): Promise<OwnKey> {
    const privateKeyPem = await this.#protector.open(new TextDecoder().decode(sealedKey));
    return { privateKeyPem, publicKey: publicKeyOf(privateKeyPem) };
  }

  async #sealed({ privateKeyPem, publicKey }: OwnKey) {
    return { publicKey, sealedKey: new TextEncoder().encode(await this.#protector.seal(privateKeyPem)) };
  }
}
