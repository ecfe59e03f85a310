import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { ProvisionError } from '../provision-error.ts';
import { becomeRoot } from './become-root.ts';
import { holdHost } from './run-lock.ts';
import { runScript } from './run-script.ts';

/** How long a machine may take to come back, and how often it is asked meanwhile. Servers with much memory count it for minutes. */
export type RebootPatience = { readonly waitMs: number; readonly everyMs: number };

const usual: RebootPatience = { waitMs: 20 * 60_000, everyMs: 2000 };

/** Differs after every boot, also in a container that a kernel of another age runs. */
const bootScript = `printf '%s:%s\\n' "$(cat /proc/sys/kernel/random/boot_id)" "$(cut -d' ' -f22 /proc/1/stat)"`;

/** In a session of its own and a moment later: the answer to this command still has to get out. */
const rebootScript = `
set -eu
sync
setsid sh -c 'sleep 1; systemctl reboot || shutdown -r now' > /dev/null 2>&1 < /dev/null &
`;

/**
 * Reboots a host and goes on with it: waits until it answers after another boot, logs in anew and holds it for the run again. What ran
 * there is ended; the caller has decided that this is wanted.
 * @throws ProvisionError when it does not come back in time
 */
export async function rebootHost(host: HostRun, run: Run, patience = run.rebootPatience ?? usual): Promise<void> {
  const before = await bootOf(connectionOf(host), run.signal);
  await runScript(connectionOf(host), rebootScript, { label: 'reboot the host', sudo: true, signal: run.signal });
  await host.release?.();
  delete host.release;
  await connectionOf(host).close();
  delete host.connection;
  const connection = await awaitBoot(host, run, { before, patience });
  // The hold first: should it fail, the run still has a connection to close.
  host.connection = connection;
  await becomeRoot(connection, host.host.name, run.signal);
  host.release = await holdHost(connection, run.holder, run.signal);
}

const bootOf = async (connection: Connection, signal: AbortSignal): Promise<string> =>
  (await runScript(connection, bootScript, { label: 'look at the boot', signal, timeoutSeconds: 30 })).trim();

async function awaitBoot(
  host: HostRun,
  run: Run,
  { before, patience }: { readonly before: string; readonly patience: RebootPatience },
): Promise<Connection> {
  const startedMs = performance.now();
  let last = 'it never went down';
  for (;;) {
    await sleep(patience.everyMs, undefined, { signal: run.signal });
    const connection = await run.connect(host.host).catch((error: unknown) => {
      last = error instanceof Error ? error.message : String(error);
      return undefined;
    });
    if (connection !== undefined) {
      const now = await bootOf(connection, run.signal).catch(() => before);
      if (now !== before) return connection;
      await connection.close();
    }
    run.signal.throwIfAborted();
    if (performance.now() - startedMs > patience.waitMs)
      throw new ProvisionError(
        `${host.host.name} was rebooted and is not back after ${Math.round(patience.waitMs / 60_000)} minutes (${last}). Look at its console; once it is up, run the same command again.`,
      );
  }
}
