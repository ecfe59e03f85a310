import { setTimeout as sleep } from 'node:timers/promises';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { Phase, Run } from '../engine/phase.ts';
import { readNodes } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';

const waitMs = 60_000;

/** Waits until the server itself finds every node good. */
export const verifyPhase: Phase<undefined> = {
  name: 'verify',
  concerns: () => true,
  before: async (run) => {
    if (run.dryRun) return;
    const startedMs = performance.now();
    const connection = connectionOf(driverOf(run));
    for (;;) {
      run.nodes = await readNodes(connection, run.signal);
      if (allGood(run) || performance.now() - startedMs > waitMs) return;
      await sleep(500, undefined, { signal: run.signal });
    }
  },
  observe: async (host, run) => {
    if (run.dryRun) return undefined;
    const node = run.nodes?.get(host.host.name);
    if (node?.health !== 'good') {
      throw new ProvisionError(`${host.host.name} is ${node?.health ?? 'not known to the server'} after ${waitMs / 1000} s. ${node?.reasons.join(' ') ?? ''}`.trim());
    }
    return undefined;
  },
  plan: () => [],
};

/** Hosts that failed before have no agent to wait for. */
function allGood(run: Run): boolean {
  return run.hosts.filter((host) => host.agent !== undefined).every(({ host }) => run.nodes?.get(host.name)?.health === 'good');
}
