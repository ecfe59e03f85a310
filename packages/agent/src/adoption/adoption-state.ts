import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { durableFiles, type DurableFiles } from '../state/durable-files.ts';
import type { HookReport } from './hooks.ts';

/** What the services of the host were last told of, and whether the server knows. */
export type AdoptionRecord = {
  /** Hexadecimal, in small letters. */
  readonly serial: string;
  /** Fingerprints of the roots, sorted. */
  readonly roots: readonly string[];
  readonly hooks: readonly HookReport[];
  /** The server has said that the certificates before this one have ended. */
  readonly settled: boolean;
};

/** `adoption.json` in the state folder. */
export class AdoptionState {
  readonly #path: string;
  readonly #files: DurableFiles;

  constructor(stateDir: string, files: DurableFiles = durableFiles) {
    this.#path = join(stateDir, 'adoption.json');
    this.#files = files;
  }

  /** Undefined when nothing was told yet, or the file is damaged: then everything is told again, which does no harm. */
  async read(): Promise<AdoptionRecord | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      return isRecord(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  async write(record: AdoptionRecord): Promise<void> {
    await this.#files.writeFile(this.#path, `${JSON.stringify(record, undefined, 2)}\n`);
  }
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');

const isHook = (value: unknown): value is HookReport =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'ok' in value &&
  'message' in value &&
  typeof value.name === 'string' &&
  typeof value.ok === 'boolean' &&
  typeof value.message === 'string';

function isRecord(value: unknown): value is AdoptionRecord {
  if (typeof value !== 'object' || value === null || !('serial' in value) || !('roots' in value)) return false;
  if (!('hooks' in value) || !('settled' in value)) return false;
  const { serial, roots, hooks, settled } = value;
  return typeof serial === 'string' && isTexts(roots) && Array.isArray(hooks) && hooks.every(isHook) && typeof settled === 'boolean';
}
