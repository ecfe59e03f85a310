import { setTimeout as sleep } from 'node:timers/promises';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { HostRun, KnownNode, Phase, Run } from '../engine/phase.ts';
import { readNodes } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';

const waitMs = 60_000;

/** Waits until the server itself finds every node good. */
export const verifyPhase: Phase<undefined> = {
  name: 'verify',
  concerns: () => true,
  before: async (hosts, run) => {
    if (run.dryRun) return;
    const startedMs = performance.now();
    const connection = connectionOf(driverOf(run));
    for (;;) {
      run.nodes = await readNodes(connection, run.signal);
      if (allGood(hosts, run) || performance.now() - startedMs > waitMs) return;
      await sleep(500, undefined, { signal: run.signal });
    }
  },
  observe: async (host, run) => {
    if (run.dryRun) return undefined;
    const node = run.nodes?.get(host.host.name);
    if (!isDone(node)) {
      throw new ProvisionError(
        `${host.host.name} is ${node?.health ?? 'not known to the server'} after ${waitMs / 1000} s. ${node?.reasons.join(' ') ?? ''}`.trim(),
      );
    }
    return undefined;
  },
  plan: () => [],
};

const allGood = (hosts: readonly HostRun[], run: Run): boolean => hosts.every(({ host }) => isDone(run.nodes?.get(host.name)));

const isDone = (node: KnownNode | undefined): boolean => node?.health === 'good' && node.certified;
