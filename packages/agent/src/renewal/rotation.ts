import { setTimeout as sleep } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HookReport } from '../adoption/hooks.ts';
import { AgentError, messageOf } from '../agent-error.ts';
import type { Log } from '../log.ts';
import { durableFiles, type DurableFiles } from '../state/durable-files.ts';
import type { Identity } from '../state/identity.ts';

export type RotationParts = {
  readonly log: Log;
  readonly stateDir: string;
  /** The identity in use now. */
  readonly current: () => Identity;
  /** Gets a new key and certificate, proves it, and switches to it; joins one that is under way. Throws an `AgentError`. */
  readonly renewNow: () => Promise<Identity>;
  /** Resolves when this certificate is the only one of this node that counts. */
  readonly settled: (serial: string, signal: AbortSignal) => Promise<readonly HookReport[]>;
  readonly files?: DurableFiles;
  readonly retryMs?: number;
};

/** What a rotation has led to. */
export type Rotated = { readonly serial: string; readonly hooks: readonly HookReport[] };

/** A rotation that was asked for: it is done when another certificate is in use than was then. */
type Asked = { readonly id: string; readonly before: string };

const usualRetryMs = 5000;

/**
 * A rotation on demand. It can be asked for by the same id again, after a crash at any step, and goes on from there: the certificate that
 * was in use when it was first asked for is written down before anything else.
 */
export class Rotation {
  readonly #parts: RotationParts;
  readonly #path: string;

  constructor(parts: RotationParts) {
    this.#parts = parts;
    this.#path = join(parts.stateDir, 'rotation.json');
  }

  /**
   * Resolves when a new certificate is proven by a heartbeat, the services of the host were told of it, and the old one is revoked.
   * Throws an `AgentError` when the server refuses, and the signal's reason when it is aborted: the rotation then goes on by itself or
   * leaves the old certificate in use.
   */
  async rotate(id: string, signal: AbortSignal): Promise<Rotated> {
    const { before } = await this.#begin(id);
    while (this.#parts.current().serial === before) await this.#renew(signal);
    const { serial } = this.#parts.current();
    return { serial, hooks: await this.#parts.settled(serial, signal) };
  }

  async #begin(id: string): Promise<Asked> {
    const known = await this.#read();
    if (known?.id === id) return known;
    const asked = { id, before: this.#parts.current().serial };
    await (this.#parts.files ?? durableFiles).writeFile(this.#path, `${JSON.stringify(asked)}\n`);
    return asked;
  }

  async #read(): Promise<Asked | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      if (typeof value !== 'object' || value === null || !('id' in value) || !('before' in value)) return undefined;
      const { id, before } = value;
      return typeof id === 'string' && typeof before === 'string' ? { id, before } : undefined;
    } catch {
      return undefined;
    }
  }

  /** One try. A server that cannot be reached is tried again; whatever it refuses is not. */
  async #renew(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      await this.#parts.renewNow();
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'unreachable') throw error;
      this.#parts.log.warn('the rotation waits for the server', { reason: messageOf(error) });
      await sleep(this.#parts.retryMs ?? usualRetryMs, undefined, { signal });
    }
  }
}
