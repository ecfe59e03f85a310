import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { StartError } from '../start-error.ts';

/** Keeps secrets of this installation unreadable at rest. What was sealed for one purpose does not open for another. */
export type SecretSealer = {
  seal(purpose: string, secret: string): string;
  /** @throws StartError for what was changed since, or was sealed by the master key of another installation */
  open(purpose: string, sealed: string): string;
};

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
const cipherName = 'aes-256-gcm';

/** Sealed by a key that is made of the master key (AES-256-GCM, a new random nonce each time); the text may be stored anywhere. */
export function secretSealer(masterKey: KeyObject): SecretSealer {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'muster secrets v1', 32));
  return {
    seal: (purpose, secret) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(purpose));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [version, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
    },
    open: (purpose, sealed) => {
      try {
        return openWith(key, purpose, sealed);
      } catch (cause) {
        // Without what was sealed: an error about a secret must not quote it.
        throw new StartError(
          `A secret (${purpose}) cannot be opened: it was changed, or the master key is not the one it was sealed with. Make a new one.`,
          { cause },
        );
      }
    },
  };
}

function openWith(key: Buffer, purpose: string, sealed: string): string {
  const [given, nonce = '', body = ''] = sealed.split('.');
  if (given !== version) throw new Error('not of this version');
  const bytes = Buffer.from(body, 'base64url');
  const decipher = createDecipheriv(cipherName, key, Buffer.from(nonce, 'base64url'), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
}
