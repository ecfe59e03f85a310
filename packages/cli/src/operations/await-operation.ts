import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type Operation, ProblemError } from '@muster/api';
import { CliError } from '../cli-error.ts';

export type AwaitOptions = {
  readonly client: Pick<Client, 'getOperation' | 'cancelOperation'>;
  readonly id: string;
  /** Told each time something changed. */
  readonly onProgress: (operation: Operation) => void;
  /** Says something to whoever waits. */
  readonly say: (line: string) => void;
  /** For tests. */
  readonly lookMs?: number;
};

export type Awaited = { readonly operation: Operation; readonly interrupted: boolean };

const usualLookMs = 300;
/** What was asked for is with the server: one that restarts is waited for. */
const patienceMs = 60_000;

/**
 * Waits until an operation has finished. Ctrl-C cancels what has not ended and goes on waiting for what is being ended; a second one ends the
 * process at once. @throws what the server says; that it is gone only after a minute
 */
export async function awaitOperation({ client, id, onProgress, say, lookMs = usualLookMs }: AwaitOptions): Promise<Awaited> {
  const interruption = onInterruption(() => {
    say('Cancelling what has not ended. Ctrl-C again leaves at once; the server cancels it all the same.');
    return client.cancelOperation({ params: { id } }).catch((error: unknown) => say(`It could not be cancelled: ${messageOf(error)}`));
  });
  try {
    for (let before = ''; ;) {
      const operation = await patiently(() => client.getOperation({ params: { id } }), lookMs);
      const now = JSON.stringify(operation.counts);
      if (now !== before) onProgress(operation);
      before = now;
      if (operation.state !== 'running') return { operation, interrupted: interruption.happened() };
      await sleep(lookMs);
    }
  } finally {
    interruption.forget();
  }
}

/** Asks again while the server is away or restarts; @throws what it says, or that it is gone after a minute */
export async function patiently<T>(ask: () => Promise<T>, lookMs: number): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || performance.now() > until) throw error;
      await sleep(lookMs);
    }
  }
}

const isPassing = (error: unknown): boolean => error instanceof CliError || (error instanceof ProblemError && error.problem.status >= 500);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function onInterruption(act: () => Promise<unknown>): { happened(): boolean; forget(): void } {
  let happened = false;
  const onSignal = (): void => {
    if (happened) process.exit(130);
    happened = true;
    void act();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    happened: () => happened,
    forget: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
