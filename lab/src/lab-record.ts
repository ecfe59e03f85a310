import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LabError } from './errors.ts';
import { labHost } from './host.ts';
import type { LabHost } from './host.ts';
import type { LabImage } from './image.ts';
import type { LabSettings } from './settings.ts';

/** What a lab remembers between commands. */
export interface LabRecord {
  prefix: string;
  hostCount: number;
  /** The image its hosts' disks stand on; a lab keeps it even when the recipe changes. */
  image: LabImage;
}

function recordPath(settings: LabSettings): string {
  return join(settings.stateDir, 'lab.json');
}

function isRecord(value: unknown): value is LabRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { prefix, hostCount, image } = value as Partial<LabRecord>;
  return typeof prefix === 'string' && typeof hostCount === 'number' && typeof image?.rootDir === 'string';
}

/** Reads the lab's record; undefined when there is no lab of that name. */
export function readRecord(settings: LabSettings): LabRecord | undefined {
  if (!existsSync(recordPath(settings))) return undefined;
  const value: unknown = JSON.parse(readFileSync(recordPath(settings), 'utf8'));
  if (isRecord(value)) return value;
  throw new LabError(`${recordPath(settings)} is not this version's`, { advice: 'npm run lab -- down' });
}

/** Writes the record; a crash leaves the old one or the new one. */
export function writeRecord(settings: LabSettings, record: LabRecord): void {
  mkdirSync(settings.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${recordPath(settings)}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${recordPath(settings)}.new`, recordPath(settings));
}

/** The hosts of a record, in order; empty when there is none. */
export function hostsOf(record: LabRecord | undefined): LabHost[] {
  return record === undefined ? [] : Array.from({ length: record.hostCount }, (_, at) => labHost(record.prefix, at + 1));
}
