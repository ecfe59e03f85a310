import { hkdfSync } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';

const Pending = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), returnTo: z.string() });
/** A sign-in that went to the identity provider and has not come back: what the answer must match, and where to go then. */
export type PendingSignIn = z.infer<typeof Pending>;

const lifetimeSeconds = 600;
const path = '/api/v1/session/oidc';

/**
 * Keeps a pending sign-in in the browser that began it, sealed: so only that browser can finish it, and with any server. The cookie goes
 * along when another site sends the browser back, which one with SameSite=Strict would not.
 */
export class PendingSignIns {
  readonly #key: Uint8Array;
  readonly #name: string;
  readonly #attributes: string;

  constructor(secret: string, isSecure: boolean) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'muster oidc v1', 32));
    this.#name = `${isSecure ? '__Secure-' : ''}muster.oidc`;
    this.#attributes = `Path=${path}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  }

  /** The cookie that keeps it. */
  async keep(pending: PendingSignIn): Promise<string> {
    const sealed = await new EncryptJWT(pending)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(`${lifetimeSeconds}s`)
      .encrypt(this.#key);
    return `${this.#name}=${sealed}; Max-Age=${lifetimeSeconds}; ${this.#attributes}`;
  }

  /** The pending sign-in of this browser; undefined where there is none that holds. */
  async read(headers: Headers): Promise<PendingSignIn | undefined> {
    const cookie = (headers.get('cookie') ?? '').split(/; */u).find((one) => one.startsWith(`${this.#name}=`));
    if (cookie === undefined) return undefined;
    try {
      const { payload } = await jwtDecrypt(cookie.slice(this.#name.length + 1), this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Pending.parse(payload);
    } catch {
      return undefined;
    }
  }

  /** The cookie that forgets it. */
  forget(): string {
    return `${this.#name}=; Max-Age=0; ${this.#attributes}`;
  }
}
