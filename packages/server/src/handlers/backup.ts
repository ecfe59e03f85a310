import { readFile } from 'node:fs/promises';
import { type ProblemError, problem, type Session } from '@muster/api';
import type { BackupFile } from '@muster/backup';
import type { Clock, Log } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { masterKeyName } from '../identity/installation-keys.ts';
import { requireWholeInstallation } from '../permissions/require-whole-installation.ts';

export type BackupHandlerParts = {
  readonly store: Pick<Store, 'snapshot' | 'events'>;
  readonly masterKeyPath: string;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
};

type Snapshot = AsyncGenerator<Uint8Array>;

/** One that nobody has taken a piece of for so long is forgotten: the store ends it, too. */
const forgottenAfterMs = 120_000;

/** Whether a snapshot is being given: one at a time, for each keeps old versions of rows alive. */
class Turn {
  readonly #clock: Clock;
  #movedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isTaken(): boolean {
    return this.#clock.monotonicMs() - this.#movedMs < forgottenAfterMs;
  }

  take(): void {
    this.#movedMs = this.#clock.monotonicMs();
  }

  end(): void {
    this.#movedMs = Number.NEGATIVE_INFINITY;
  }
}

export function backupHandlers(parts: BackupHandlerParts): Pick<Handlers, 'takeSnapshot'> {
  const turn = new Turn(parts.clock);
  return {
    takeSnapshot: async ({ session, setFile }) => {
      requireWholeInstallation(session);
      if (turn.isTaken)
        throw problem('too-many-requests', 'A backup is being made through this server already. Try again when that one has ended.');
      turn.take();
      try {
        const snapshot = parts.store.snapshot({ version: parts.version, files: await filesOf(parts) });
        // The first piece is read before the answer begins, so that a database that is away is said and not a snapshot that breaks off.
        const first = await snapshot.next();
        setFile('application/vnd.muster.snapshot', 'muster.snapshot');
        return told(parts, session, turn, snapshot, first);
      } catch (error) {
        turn.end();
        throw error;
      }
    },
  };
}

/** What the database cannot be used without. @throws ProblemError */
async function filesOf({ masterKeyPath, log }: BackupHandlerParts): Promise<BackupFile[]> {
  const key = await readFile(masterKeyPath).catch((cause: unknown): never => {
    log.error({ error: String(cause) }, 'the key file could not be read for a backup');
    throw unreadable(cause);
  });
  return [{ name: masterKeyName, base64: key.toString('base64') }];
}

const unreadable = (cause: unknown): ProblemError =>
  problem(
    'internal-error',
    'The key file of this server cannot be read; its log says why. Without it a backup would be worth nothing.',
    undefined,
    {
      cause,
    },
  );

/** Gives the rest, and tells when all was given. A client that goes away in between ends it. */
async function* told(
  { store, log }: BackupHandlerParts,
  session: Session | undefined,
  turn: Turn,
  snapshot: Snapshot,
  first: IteratorResult<Uint8Array>,
): Snapshot {
  const by = session?.email ?? session?.name ?? '';
  try {
    for (let next = first; next.done !== true; next = await snapshot.next()) {
      turn.take();
      yield next.value;
    }
    const message = `A backup was made by ${by}.`;
    const event = { kind: 'backup-made', severity: 'info', nodeId: null, nodeName: null, message, data: { by } } as const;
    await store.events
      .append(event)
      .catch((error: unknown) => log.warn({ error: String(error) }, 'that a backup was made could not be told'));
  } catch (error) {
    log.warn({ error: String(error) }, 'a snapshot broke off');
    throw error;
  } finally {
    await snapshot.return(undefined);
    turn.end();
  }
}
