import { hkdfSync } from 'node:crypto';
import type { Store } from '@muster/store';
import {
  type Authority,
  createAuthority,
  keyFileProtector,
  type KeyProtector,
  loadMasterKey,
  loadOrCreateMasterKey,
  openAuthority,
} from '@muster/trust';

/** What only this installation has: its authority, and the secret that signs the cookies of people. */
export type InstallationKeys = { readonly authority: Authority; readonly cookieSecret: string };

/**
 * Opens the keys of this installation, or makes them on its first start. The authority is kept in the database, its keys
 * encrypted by the master key in the file; of two servers that start at once both end up with the same one.
 * @throws TrustError when the key file is missing, exposed or not the right one
 */
export async function openInstallationKeys(store: Store, masterKeyPath: string, now: Date): Promise<InstallationKeys> {
  const kept = await store.authority.load();
  // Keys that are sealed already need their own key file: a new one would open nothing.
  const masterKey = kept === null ? await loadOrCreateMasterKey(masterKeyPath) : await loadMasterKey(masterKeyPath);
  const protector = keyFileProtector(masterKey);
  const { root, intermediate } = kept ?? (await create(store, protector, now));
  const authority = await openAuthority({
    root: { certificatePem: root.certificatePem },
    intermediate: { certificatePem: intermediate.certificatePem, keyPem: await protector.open(textOf(intermediate.sealedKey)) },
  });
  return { authority, cookieSecret: Buffer.from(hkdfSync('sha256', masterKey.key, '', 'muster cookies v1', 32)).toString('base64url') };
}

async function create(store: Store, protector: KeyProtector, now: Date) {
  const made = await createAuthority({ name: 'Muster', now });
  const seal = async ({ certificatePem, keyPem }: (typeof made)['root']) => ({
    certificatePem,
    sealedKey: bytesOf(await protector.seal(keyPem)),
  });
  return store.authority.saveIfAbsent({ root: await seal(made.root), intermediate: await seal(made.intermediate) });
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
