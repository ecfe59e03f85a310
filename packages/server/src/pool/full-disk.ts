import { statfs } from 'node:fs/promises';
import type { Member, PoolDatabase } from '@muster/api';
import { type Clock, decideStepAside, describeDatabase, isNearlyFull, type Log } from '@muster/core';
import type { Store } from '@muster/store';
import type { Promoter } from './promoter.ts';

export type FullDiskParts = {
  readonly store: Pick<Store, 'sight'>;
  readonly kind: PoolDatabase['kind'];
  readonly promoter: Pick<Promoter, 'begin'>;
  readonly serverId: string;
  readonly members: () => readonly Member[];
  /** What the disk of this machine's copy has left, bytes; null where it has none. */
  readonly freeBytes: () => Promise<number | null>;
  readonly clock: Clock;
  readonly log: Log;
};

/** What cannot be helped is said this often. */
const sayAgainMs = 5 * 60_000;

/** Gives the primary of the database away before, or when, the disk of this machine's copy is full. */
export class FullDisk {
  readonly #parts: FullDiskParts;
  #lastMs: number | null = null;
  #saidMs: number | null = null;

  constructor(parts: FullDiskParts) {
    this.#parts = parts;
  }

  /** One look. Never rejects. */
  async tick(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      this.#say({ error: String(error) }, 'the disk of the database is full, and the primary could not be given away');
    }
  }

  async #look(): Promise<void> {
    const { store, kind, serverId, members, freeBytes, clock, promoter } = this.#parts;
    const free = await freeBytes();
    // Nothing is asked of the database while there is room.
    if (free === null || !isNearlyFull(free)) return;
    const nowMs = clock.monotonicMs();
    const msSinceLast = this.#lastMs === null ? null : nowMs - this.#lastMs;
    const database = describeDatabase(kind, await store.sight(), members());
    const decision = decideStepAside({ selfId: serverId, database, freeBytes: free, msSinceLast });
    if (decision.kind === 'stay') return;
    const member = decision.kind === 'nowhere' ? undefined : members().find(({ id }) => id === decision.to);
    if (member === undefined) {
      this.#say({ freeBytes: free }, 'the disk of the database is full, and no other member has a copy with all that was acknowledged');
      return;
    }
    await promoter.begin({ member, acceptDataLoss: false, by: `Muster: the disk of the one before has ${megabytes(free)} left` });
    this.#lastMs = nowMs;
  }

  #say(fields: Readonly<Record<string, unknown>>, message: string): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#saidMs !== null && nowMs - this.#saidMs < sayAgainMs) return;
    this.#saidMs = nowMs;
    this.#parts.log.warn(fields, message);
  }
}

const megabytes = (bytes: number): string => `${Math.floor(bytes / (1024 * 1024))} MiB`;

/** What the file system of a folder has left for users, bytes; null where there is no such folder. */
export async function freeBytesOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
