import type { HostRun } from './phase.ts';

/** Ends what a run holds of its hosts, whatever became of them. */
export async function letGo(hosts: readonly HostRun[]): Promise<void> {
  await Promise.all(
    hosts.map(async ({ connection, release }) => {
      await release?.();
      await connection?.close();
    }),
  );
}
