import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';

/** A key pair of a program that logs in by itself, apart from every key of a person. */
export interface OwnKey {
  /** Ed25519, PKCS#8 in PEM. */
  readonly privateKeyPem: string;
  /** As authorized_keys has it: type and blob, without a comment. */
  readonly publicKey: string;
}

const TYPE = 'ssh-ed25519';

/** Makes a new Ed25519 key pair. */
export function makeOwnKey(): OwnKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { privateKeyPem, publicKey: publicKeyOf(privateKeyPem) };
}

/** The public half of an Ed25519 key in PKCS#8, as authorized_keys has it. Throws a `TypeError` for any other key. */
export function publicKeyOf(privateKeyPem: string): string {
  return `${TYPE} ${publicBlob(halvesOf(privateKeyPem).publicHalf).toString('base64')}`;
}

/**
 * The same key in OpenSSH's own format (PROTOCOL.key), unencrypted: the only one in which the SSH library takes Ed25519. Stays in memory.
 * Throws a `TypeError` for a key that is not Ed25519 in PKCS#8.
 */
export function openSshFormOf(privateKeyPem: string): string {
  const { publicHalf, seed } = halvesOf(privateKeyPem);
  const blob = publicBlob(publicHalf);
  const check = randomBytes(4);
  const inside = Buffer.concat([check, check, blob, field(Buffer.concat([seed, publicHalf])), field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (inside.length % 8)) % 8 }, (_, index) => index + 1));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(blob),
    field(Buffer.concat([inside, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

function halvesOf(privateKeyPem: string): { publicHalf: Buffer; seed: Buffer } {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new TypeError(`an own SSH key is Ed25519, not ${key.asymmetricKeyType ?? 'unknown'}`);
  }
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  return { publicHalf: Buffer.from(x, 'base64url'), seed: Buffer.from(d, 'base64url') };
}

function publicBlob(publicHalf: Buffer): Buffer {
  return Buffer.concat([field(TYPE), field(publicHalf)]);
}

function field(content: string | Buffer): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
