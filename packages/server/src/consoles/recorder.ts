import type { WriteStream } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import type { ConsoleRecording } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { ConsolePlace } from './console-backend.ts';

/** What is being recorded of one console. */
export type Recording = { output(bytes: Uint8Array): void; end(): Promise<void> };
export const noRecording: Recording = { output: () => undefined, end: async () => undefined };

export type RecorderParts = { readonly folder: string; readonly clock: Clock; readonly log: Log };

const dayMs = 86_400_000;
/** What a disk that hangs may keep in memory; beyond it the recording has gaps, and the console goes on. */
const maxUnwrittenBytes = 1_000_000;
const fileName = /^(?<node>.+)_(?<at>\d{8}T\d{6}\d{3}Z)\.cast$/u;

/** Records consoles into a folder that its owner alone can read: one file for each time one was open, as asciicast version 2. */
export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** A console that cannot be recorded does not open. @throws the errors of the file system */
  async begin({ node, size }: Pick<ConsolePlace, 'node' | 'size'>): Promise<Recording> {
    const { folder, clock } = this.#parts;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const startedAt = clock.wallMs();
    const stamp = new Date(startedAt).toISOString().replaceAll(/[-:.]/gu, '');
    const file = createWriteStream(join(folder, `${node.name}_${stamp}.cast`), { flags: 'wx', mode: 0o600 });
    await once(file, 'open');
    const head = { version: 2, width: size.columns, height: size.rows, timestamp: Math.floor(startedAt / 1000), title: node.name };
    file.write(`${JSON.stringify(head)}\n`);
    return recordingTo(file, this.#parts);
  }

  /** Oldest first. */
  async list(): Promise<ConsoleRecording[]> {
    const names = await readdir(this.#parts.folder).catch(() => []);
    const found = await Promise.all(names.map((name) => this.#describe(name)));
    return found.filter((one) => one !== undefined).toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  /** The path of one; undefined where there is none. */
  async path(id: string): Promise<string | undefined> {
    return (await this.list()).some((one) => one.id === id) ? join(this.#parts.folder, id) : undefined;
  }

  /** Deletes those that began before so many days; returns how many. */
  async forget(days: number): Promise<number> {
    const before = this.#parts.clock.wallMs() - days * dayMs;
    const old = (await this.list()).filter(({ startedAt }) => Date.parse(startedAt) < before);
    await Promise.all(old.map(({ id }) => rm(join(this.#parts.folder, id), { force: true })));
    return old.length;
  }

  async #describe(id: string): Promise<ConsoleRecording | undefined> {
    const parts = fileName.exec(id)?.groups;
    const seen = await stat(join(this.#parts.folder, id)).catch(() => undefined);
    if (parts === undefined || seen === undefined || !seen.isFile()) return undefined;
    const { node: nodeName = '', at = '' } = parts;
    const iso = at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/u, '$1-$2-$3T$4:$5:$6.$7Z');
    return { id, nodeName, startedAt: iso, bytes: seen.size };
  }
}

function recordingTo(file: WriteStream, { clock, log }: RecorderParts): Recording {
  const beganMs = clock.monotonicMs();
  // A character may stand half in one piece and half in the next.
  const decoder = new TextDecoder();
  let isBroken = false;
  file.on('error', (error) => {
    isBroken = true;
    log.error({ error: error.message }, 'a console cannot be recorded any more');
  });
  return {
    output: (bytes) => {
      if (isBroken || file.writableLength > maxUnwrittenBytes) return;
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') file.write(`${JSON.stringify([(clock.monotonicMs() - beganMs) / 1000, 'o', text])}\n`);
    },
    end: async () => {
      if (isBroken) return;
      const closed = Promise.withResolvers<void>();
      file.once('close', closed.resolve);
      file.end();
      await closed.promise;
    },
  };
}
