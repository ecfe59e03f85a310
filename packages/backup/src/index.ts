export { BackupError, type BackupFailure } from './backup-error.ts';
export { type BackupSummary, CheckedRecords } from './checked-records.ts';
export { requireStrong } from './file-key.ts';
export { frameOf } from './frames.ts';
export { openBackup, type OpenBackup } from './open-backup.ts';
export type { BackupFile, BackupHead, BackupRecord, SequenceState, TableStart } from './records.ts';
export { writeBackup, type WriteBackupOptions, type WrittenBackup } from './write-backup.ts';
