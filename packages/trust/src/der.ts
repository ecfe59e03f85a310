/*
 * A writer of DER (X.690), for what the certificate library is too slow or too large for: revocation lists of thousands of entries, and
 * PKCS#12 in a process that must stay small. It writes only; whatever comes from outside is read by the library or by OpenSSL.
 */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nil: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
} as const;

/** One element: tag, length, content. */
function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([header(tag, length), ...content]);
}

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.from([tag, 0x80 | digits.length, ...digits]);
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => element(tags.sequence, ...content);
export const octetString = (content: Uint8Array): Buffer => element(tags.octetString, content);
/** A bit string of whole bytes. */
export const bitString = (content: Uint8Array): Buffer => element(tags.bitString, Buffer.of(0), content);
export const nil = (): Buffer => element(tags.nil);
export const enumerated = (value: number): Buffer => element(tags.enumerated, Buffer.of(value));

/** A context-specific tag around whole elements (`[n] EXPLICIT`). */
export const explicit = (number: number, ...content: readonly Uint8Array[]): Buffer => element(0xa0 | number, ...content);
/** A context-specific tag in place of a primitive's own (`[n] IMPLICIT`). */
export const implicit = (number: number, content: Uint8Array): Buffer => element(0x80 | number, content);

/** Elements in the order DER asks for in a SET OF: by their bytes. */
export const setOf = (...content: readonly Uint8Array[]): Buffer =>
  element(tags.set, ...content.map((one) => Buffer.from(one)).toSorted((a, b) => Buffer.compare(a, b)));

/** A number that is not negative, as its bytes, the highest first. */
export function unsignedInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first === -1 ? Buffer.of(0) : Buffer.from(bytes.subarray(first));
  return element(tags.integer, (significant[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), significant]) : significant);
}

/** A whole number from 0 to 2^53. */
export const integer = (value: number): Buffer => unsignedInteger(Buffer.from(value.toString(16).padStart(14, '0'), 'hex'));

/** An object identifier by its dotted text. */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return element(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
  return digits;
}

/** A moment in whole seconds, in the form that certificates use for its year (RFC 5280, 4.1.2.5). */
export function time(moment: Date): Buffer {
  const digits = moment.toISOString().replaceAll(/\D/gu, '').slice(0, 14);
  const isUtcTime = moment.getUTCFullYear() < 2050;
  return element(isUtcTime ? tags.utcTime : tags.generalizedTime, Buffer.from(`${isUtcTime ? digits.slice(2) : digits}Z`));
}

/** A text in UTF-16, the highest byte first. */
export const bmpString = (text: string): Buffer => element(tags.bmpString, utf16(text));

export const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
