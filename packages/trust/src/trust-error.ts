/** What went wrong, for programs. The text of the error is for people. */
export type TrustErrorCode =
  | 'authority-damaged'
  | 'authority-expired'
  | 'authority-not-yet-valid'
  | 'csr-asks-too-much'
  | 'csr-malformed'
  | 'csr-signature-wrong'
  | 'csr-too-large'
  | 'csr-weak-key'
  | 'invalid-address'
  | 'invalid-date'
  | 'invalid-lifetime'
  | 'invalid-name'
  | 'invalid-node-id'
  | 'invalid-server-id'
  | 'master-key-damaged'
  | 'master-key-exposed'
  | 'master-key-missing'
  | 'master-key-unusable'
  | 'pem-malformed'
  | 'private-key-malformed'
  | 'sealed-key-damaged'
  | 'sealed-key-of-other-version'
  | 'wrong-master-key';

/** The parts a {@link TrustError} is made of. */
export type TrustErrorParts = {
  readonly code: TrustErrorCode;
  /** What happened and to which node, without a full stop. */
  readonly what: string;
  /** What the reader can do, a sentence. */
  readonly advice: string;
  readonly cause?: unknown;
};

/** The only error this room throws on purpose. It never carries a key or a token. */
export class TrustError extends Error {
  override readonly name = 'TrustError';
  readonly code: TrustErrorCode;
  readonly what: string;
  readonly advice: string;

  constructor(parts: TrustErrorParts) {
    super(`${parts.what}. ${parts.advice}`, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.what = parts.what;
    this.advice = parts.advice;
  }
}

/** True for a {@link TrustError} of one of the given codes, of any code when none is given. */
export function isTrustError(error: unknown, ...codes: readonly TrustErrorCode[]): error is TrustError {
  return error instanceof TrustError && (codes.length === 0 || codes.includes(error.code));
}

const quotedLength = 100;

/** Text from outside as it may stand in a message: in quotes, control characters escaped, at most 100 characters of it. */
export function quoted(text: string): string {
  const cut = text.length > quotedLength ? `${text.slice(0, quotedLength)}...` : text;
  return JSON.stringify(cut).replaceAll(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
