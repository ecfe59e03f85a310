import { createPublicKey, type KeyObject } from 'node:crypto';

/** The kinds of key a node or a server may have. */
export type KeyType = 'P-256' | 'P-384';

const keyTypeByCurve: ReadonlyMap<string, KeyType> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
]);

/** The kind of a public key, or undefined when Muster does not accept its kind. */
export function keyTypeOf(key: KeyObject): KeyType | undefined {
  if (key.asymmetricKeyType !== 'ec') return undefined;
  return keyTypeByCurve.get(key.asymmetricKeyDetails?.namedCurve ?? '');
}

/** A public key's kind in words, for messages: `RSA with 2048 bits`, `EC on secp256k1`, `ED25519`. */
export function describeKey(key: KeyObject): string {
  const details = key.asymmetricKeyDetails;
  const kind = key.asymmetricKeyType ?? 'unknown';
  if (kind === 'ec') return `EC on ${details?.namedCurve ?? 'a curve without a name'}`;
  return details?.modulusLength === undefined ? kind.toUpperCase() : `${kind.toUpperCase()} with ${details.modulusLength} bits`;
}

/*
 * SubjectPublicKeyInfo up to the point, in its one DER form: named curve, uncompressed point (RFC 5480). Curves given by their
 * parameters (CVE-2020-0601) and compressed points have other beginnings, and no client of ours makes them.
 */
const plainBeginnings: Readonly<Record<KeyType, { readonly beginning: string; readonly bytes: number }>> = {
  'P-256': { beginning: '3059301306072a8648ce3d020106082a8648ce3d03010703420004', bytes: 91 },
  'P-384': { beginning: '3076301006072a8648ce3d020106052b8104002203620004', bytes: 120 },
};

/** A public key as it came from outside: its kind, or why it is refused (the rest of a sentence that begins with "the key"). */
export type KeyVerdict = { readonly ok: true; readonly keyType: KeyType } | { readonly ok: false; readonly why: string };

/** Judges a SubjectPublicKeyInfo in DER. Never throws. */
export function judgeKey(spkiDer: Uint8Array): KeyVerdict {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spkiDer), format: 'der', type: 'spki' });
  } catch {
    return { ok: false, why: 'cannot be read' };
  }
  const keyType = keyTypeOf(key);
  if (keyType === undefined) return { ok: false, why: `is ${describeKey(key)}` };
  const { beginning, bytes } = plainBeginnings[keyType];
  if (spkiDer.length !== bytes || !Buffer.from(spkiDer).toString('hex').startsWith(beginning)) {
    return { ok: false, why: `is on ${keyType} but not in the plain encoding (named curve, uncompressed point)` };
  }
  return { ok: true, keyType };
}
