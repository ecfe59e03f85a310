/** Why a backup cannot be written or read, as a stable code. */
export type BackupFailure =
  | 'not-a-backup'
  | 'other-format'
  | 'wrong-passphrase'
  | 'weak-passphrase'
  | 'damaged'
  | 'incomplete'
  | 'file-exists'
  | 'file-unusable'
  | 'disk-full'
  | 'not-verified';

/** A backup cannot be written or read; the message says which file, why, and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly code: BackupFailure;
  constructor(code: BackupFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
