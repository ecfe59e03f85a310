import { createSecretKey, hkdfSync } from 'node:crypto';
import type { AuthorityState, NewStoredAuthority, Store, StoredAuthority } from '@muster/store';
import {
  type AuthorityParts,
  type CertificateAndKey,
  createAuthority,
  keyFileProtector,
  type KeyProtector,
  loadMasterKey,
  loadOrCreateMasterKey,
} from '@muster/trust';
import { settleMasterKey } from './restored-master-key.ts';
import { type SecretSealer, secretSealer } from './secret-sealer.ts';

/** The file in the data folder, and in a backup, of the key that seals all others. */
export const masterKeyName = 'master.key';

/** What only this installation has. */
export type InstallationKeys = {
  readonly state: AuthorityState;
  /** Unseals the keys of the authorities. */
  readonly protector: KeyProtector;
  /** Signs the cookies of people. */
  readonly cookieSecret: string;
  /** Seals the SSH key of the servers: by another key than the authority's, so that neither passes for the other. */
  readonly controlProtector: KeyProtector;
  /** Seals the secrets that people give, as those of webhooks. */
  readonly sealer: SecretSealer;
};

/**
 * Opens the keys of this installation, or makes them on its first start. The authority is kept in the database, its keys
 * encrypted by the master key in the file; of two servers that start at once both end up with the same one.
 * @throws TrustError when the key file is missing, exposed or not the right one
 */
export async function openInstallationKeys(store: Store, masterKeyPath: string, now: Date): Promise<InstallationKeys> {
  const kept = await store.authority.load();
  if (kept !== null) await settleMasterKey(masterKeyPath, kept);
  // Keys that are sealed already need their own key file: a new one would open nothing.
  const masterKey = kept === null ? await loadOrCreateMasterKey(masterKeyPath) : await loadMasterKey(masterKeyPath);
  const protector = keyFileProtector(masterKey);
  const state = kept ?? (await store.authority.saveIfAbsent(await makeSealedAuthority(protector, now)));
  const derived = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', masterKey.key, '', purpose, 32));
  return {
    state,
    protector,
    cookieSecret: derived('muster cookies v1').toString('base64url'),
    controlProtector: keyFileProtector({ ...masterKey, key: createSecretKey(derived('muster control key v1')) }),
    sealer: secretSealer(masterKey.key),
  };
}

/** A new authority, its keys sealed, as the store keeps it. */
export async function makeSealedAuthority(protector: KeyProtector, now: Date): Promise<NewStoredAuthority> {
  const made = await createAuthority({ name: 'Muster', now });
  const seal = async ({ certificatePem, keyPem }: CertificateAndKey) => ({
    certificatePem,
    sealedKey: bytesOf(await protector.seal(keyPem)),
  });
  return { root: await seal(made.root), intermediate: await seal(made.intermediate) };
}

/** An authority with its keys open. @throws TrustError */
export async function unsealAuthority(
  { root, intermediate }: StoredAuthority,
  protector: KeyProtector,
): Promise<AuthorityParts & { readonly root: CertificateAndKey }> {
  const open = async ({ certificatePem, sealedKey }: StoredAuthority['root']) => ({
    certificatePem,
    keyPem: await protector.open(textOf(sealedKey)),
  });
  return { root: await open(root), intermediate: await open(intermediate) };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
