import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { MasterKey } from './master-key.ts';
import { readPem } from './pem.ts';
import { TrustError } from './trust-error.ts';

/*
 * muster-sealed-key.v1.<id of the master key>.<nonce>.<ciphertext and tag>, the last two base64url. All that stands before the nonce
 * is authenticated with the purpose, so that nothing sealed for another use passes for an authority's key.
 */
const kind = 'muster-sealed-key';
const version = 'v1';
const purpose = 'private key of the certificate authority';
const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

const authenticated = (masterKeyId: string): Buffer => Buffer.from(`${kind}.${version}.${masterKeyId}: ${purpose}`);

function sealedDamaged(cause?: unknown): TrustError {
  return new TrustError({
    code: 'sealed-key-damaged',
    what: 'the sealed private key of the authority is damaged',
    advice: 'Restore it from a backup; it was changed since it was sealed.',
    cause,
  });
}

function requirePrivateKey(pem: string): void {
  let labels: readonly string[] = [];
  try {
    labels = readPem(pem).map((block) => block.label);
  } catch {
    // Without the cause: an error about a key must not quote the key.
  }
  if (labels.length === 1 && labels[0] === 'PRIVATE KEY') return;
  throw new TrustError({
    code: 'private-key-malformed',
    what: 'this is not one private key in PKCS#8 PEM',
    advice: 'Seal the key as createAuthority gave it.',
  });
}

/**
 * Seals a private key with the master key (AES-256-GCM, a new random nonce each time); the text may be stored anywhere.
 * @throws TrustError `private-key-malformed`
 */
export function sealKey(privateKeyPkcs8Pem: string, masterKey: MasterKey): string {
  requirePrivateKey(privateKeyPkcs8Pem);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, masterKey.key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(authenticated(masterKey.id));
  const sealed = Buffer.concat([cipher.update(privateKeyPkcs8Pem, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [kind, version, masterKey.id, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
}

function requireSameKey(keyId: string, masterKey: MasterKey): void {
  if (keyId === masterKey.id) return;
  const sealedWith = /^[0-9a-f]{16}$/u.test(keyId) ? keyId : 'unreadable';
  throw new TrustError({
    code: 'wrong-master-key',
    what: `the key file ${masterKey.path} (id ${masterKey.id}) is not the one the authority was sealed with (id ${sealedWith})`,
    advice: `Put the original file back at ${masterKey.path}, from a backup or from another server of this installation.`,
  });
}

function readSealed(sealed: string, masterKey: MasterKey): { readonly nonce: Buffer; readonly body: Buffer } {
  const [foundKind, foundVersion, keyId = '', nonceText = '', bodyText = '', ...rest] = sealed.split('.');
  if (foundKind !== kind || foundVersion === undefined) throw sealedDamaged();
  if (foundVersion !== version) {
    throw new TrustError({
      code: 'sealed-key-of-other-version',
      what: 'the private key of the authority was sealed by another version of Muster',
      advice: 'Start the version that sealed it, or a newer one.',
    });
  }
  const nonce = Buffer.from(nonceText, 'base64url');
  const body = Buffer.from(bodyText, 'base64url');
  if (rest.length > 0 || nonce.length !== nonceBytes || body.length <= tagBytes) throw sealedDamaged();
  requireSameKey(keyId, masterKey);
  return { nonce, body };
}

/**
 * Opens what {@link sealKey} made.
 * @throws TrustError `wrong-master-key` (says which file), `sealed-key-damaged`, `sealed-key-of-other-version`
 */
export function openKey(sealed: string, masterKey: MasterKey): string {
  const { nonce, body } = readSealed(sealed, masterKey);
  const decipher = createDecipheriv(cipherName, masterKey.key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(authenticated(masterKey.id));
  decipher.setAuthTag(body.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  } catch (error) {
    throw sealedDamaged(error);
  }
}
