import { makeOwnKey, type OwnKey, publicKeyOf } from '@muster/ssh';
import type { Store } from '@muster/store';
import type { KeyProtector } from '@muster/trust';

/**
 * The SSH key of the servers of this installation: made when it is first needed, kept in the database, its private half sealed. It is
 * none of an operator's keys and none of the authority's.
 */
export class ControlKeyRing {
  readonly #store: Pick<Store, 'agentControl'>;
  readonly #protector: KeyProtector;
  #key: Promise<OwnKey> | undefined;

  constructor(store: Pick<Store, 'agentControl'>, protector: KeyProtector) {
    this.#store = store;
    this.#protector = protector;
  }

  /** @throws StoreUnavailable; TrustError for a key that another master key has sealed. The next call tries again. */
  key(): Promise<OwnKey> {
    this.#key ??= this.#open().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #open(): Promise<OwnKey> {
    const { agentControl } = this.#store;
    const kept = (await agentControl.key()) ?? (await agentControl.saveKeyIfAbsent(await this.#sealed(makeOwnKey())));
    const privateKeyPem = await this.#protector.open(new TextDecoder().decode(kept.sealedKey));
    return { privateKeyPem, publicKey: publicKeyOf(privateKeyPem) };
  }

  async #sealed({ privateKeyPem, publicKey }: OwnKey) {
    return { publicKey, sealedKey: new TextEncoder().encode(await this.#protector.seal(privateKeyPem)) };
  }
}
