import { createHash } from 'node:crypto';

/**
 * Host key algorithms offered when nothing is known about a host, best first. SHA-1 signatures (`ssh-rsa`) and DSA are left
 * out, as in OpenSSH since 8.8. Host certificates are not offered: ssh2 does not know them.
 */
const DEFAULT_HOST_KEY_ALGORITHMS: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/**
 * The offer for a host some of whose keys are known: their algorithms first, so that a host with several keys shows the one
 * that can be checked (OpenSSH does the same; a client that does not reports false mismatches).
 */
export function hostKeyAlgorithmsFor(knownKeyTypes: readonly string[]): string[] {
  const known = DEFAULT_HOST_KEY_ALGORITHMS.filter((name) => knownKeyTypes.includes(keyTypeOf(name)));
  return [...known, ...DEFAULT_HOST_KEY_ALGORITHMS.filter((name) => !known.includes(name))];
}

function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/** The key type that stands at the start of an SSH public key blob (RFC 4253, 6.6); undefined when it is malformed. */
export function readKeyType(blob: Buffer): string | undefined {
  if (blob.length < 4) {
    return undefined;
  }
  const length = blob.readUInt32BE(0);
  return blob.length >= 4 + length && length > 0 ? blob.toString('latin1', 4, 4 + length) : undefined;
}

/** A host key as text, `type base64`, the way known_hosts has it. */
export function hostKeyLine(key: Buffer): string {
  return `${readKeyType(key) ?? 'unknown'} ${key.toString('base64')}`;
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
