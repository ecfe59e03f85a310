import type { MasterKey } from './master-key.ts';
import { openKey, sealKey } from './sealed-key.ts';

/**
 * Keeps the authority's private keys unreadable at rest. The file's key is the first kind; a passphrase or a key service would be
 * others, which is why both ways may take their time.
 */
export type KeyProtector = {
  /** What protects, for messages: `key file /var/lib/muster/master.key`. */
  readonly description: string;
  /** @throws TrustError */
  readonly seal: (privateKeyPkcs8Pem: string) => Promise<string>;
  /** @throws TrustError */
  readonly open: (sealed: string) => Promise<string>;
};

/** Protection by a key file. */
export function keyFileProtector(masterKey: MasterKey): KeyProtector {
  return {
    description: `key file ${masterKey.path}`,
    seal: async (privateKeyPkcs8Pem) => await Promise.resolve(sealKey(privateKeyPkcs8Pem, masterKey)),
    open: async (sealed) => await Promise.resolve(openKey(sealed, masterKey)),
  };
}
