import { setTimeout as sleep } from 'node:timers/promises';
import { connectionOf, driverOf } from '../engine/host-run.ts';
import type { HostRun, KnownNode, Phase, Run } from '../engine/phase.ts';
import { isNode } from '../host/cluster.ts';
import { wantsControl } from '../host/control-files.ts';
import { checkControl, readNodes } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';

const waitMs = 60_000;

/** Waits until the server itself finds every node good, and lets it log in to each. */
export const verifyPhase: Phase<undefined> = {
  name: 'verify',
  concerns: isNode,
  before: async (hosts, run) => {
    if (run.dryRun) return;
    const startedMs = performance.now();
    const connection = connectionOf(driverOf(run));
    for (;;) {
      run.nodes = await readNodes(connection, run.signal);
      if (allGood(hosts, run) || performance.now() - startedMs > waitMs) break;
      await sleep(500, undefined, { signal: run.signal });
    }
    const names = hosts.map(({ host }) => host).filter((host) => wantsControl(host) && run.nodes?.has(host.name) === true);
    if (names.length > 0)
      run.checks = await checkControl(
        connection,
        names.map(({ name }) => name),
        run.signal,
      );
  },
  observe: async (host, run) => {
    if (run.dryRun) return undefined;
    const node = run.nodes?.get(host.host.name);
    if (!isDone(node)) {
      throw new ProvisionError(
        `${host.host.name} is ${node?.health ?? 'not known to the server'} after ${waitMs / 1000} s. ${node?.reasons.join(' ') ?? ''}`.trim(),
      );
    }
    if (wantsControl(host.host)) requireControl(host.host.name, run);
    return undefined;
  },
  plan: () => [],
};

function requireControl(name: string, { checks }: Run): void {
  const check = checks?.get(name);
  if (check?.reached === true) return;
  throw new ProvisionError(
    `The server cannot control the agent of ${name} over SSH. ${check?.message ?? 'It does not know the node.'} Mend that, or set muster_control=no for ${name} to do without.`,
  );
}

const allGood = (hosts: readonly HostRun[], run: Run): boolean => hosts.every(({ host }) => isDone(run.nodes?.get(host.name)));

const isDone = (node: KnownNode | undefined): boolean => node?.health === 'good' && node.certified;
