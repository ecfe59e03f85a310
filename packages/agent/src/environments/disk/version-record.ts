import { readFile } from 'node:fs/promises';
import { systemCodeOf } from '../../agent-error.ts';

/** What is kept of a finished version, beside its folder. */
export type VersionRecord = {
  readonly version: number;
  /** The name of its folder. */
  readonly folder: string;
  readonly definitionSha256: string;
  readonly kind: 'archive' | 'venv' | 'conda';
  /** Artifacts that it was made of: as long as it is kept, they need not be fetched again. */
  readonly artifacts: readonly string[];
};

/** Reads a record; undefined when there is none, or when what is there was not written by this program. */
export async function readVersionRecord(path: string): Promise<VersionRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isVersionRecord(value) ? value : undefined;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isVersionRecord(value: unknown): value is VersionRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, folder, definitionSha256, kind, artifacts } = value as Partial<Record<keyof VersionRecord, unknown>>;
  if (!isVersionNumber(version) || !isTextLike(folderPattern, folder) || !isTextLike(hashPattern, definitionSha256)) return false;
  if (kind !== 'archive' && kind !== 'venv' && kind !== 'conda') return false;
  return Array.isArray(artifacts) && artifacts.every((one) => typeof one === 'string');
}

const hashPattern = /^[0-9a-f]{64}$/u;
const isVersionNumber = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
const isTextLike = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && pattern.test(value);

/** The folder of a version: its number, and where that is taken by another definition a part of the hash. */
export const folderPattern = /^\d{1,10}(?:-[0-9a-f]{8})?$/u;
