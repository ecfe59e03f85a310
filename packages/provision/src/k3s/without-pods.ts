import type { Connection } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { movePodsAway, takePodsAgain } from './move-pods.ts';
import { type K3sNode, NodeWatch } from './node-watch.ts';
import { serversOf, waitSeconds } from './settings.ts';

type Nodes = ReadonlyMap<string, K3sNode>;

/** A reboot of a machine of k3s. */
export type PodlessReboot = {
  readonly kind: 'server' | 'agent';
  /** Whether a run that was cut off has drained it. */
  readonly isDrained: boolean;
  /** Reboots it, and goes on when it is back. */
  readonly reboot: () => Promise<void>;
};

/**
 * Reboots a machine while its pods are elsewhere: drained before, waited for until it is Ready in the new boot, and let back. A server goes
 * only while all others are Ready; one whose API does not answer goes at once, there is no majority left to lose.
 * @throws ProvisionError
 */
export async function withoutPods(host: HostRun, run: Run, how: PodlessReboot): Promise<void> {
  await (how.kind === 'server' ? rebootServer(host, run, how) : rebootAgent(host, run, how));
}

async function rebootServer(host: HostRun, run: Run, how: PodlessReboot): Promise<void> {
  const nodes = await new NodeWatch(connectionOf(host), run.signal).nodes().catch((error: unknown) => {
    if (error instanceof ProvisionError) return undefined;
    throw error;
  });
  if (nodes === undefined) {
    await how.reboot();
    return;
  }
  requireOthersReady(host, run, nodes);
  await inAndOut(host, run, { ...how, api: host, nodes });
}

/** @throws ProvisionError while another server is not Ready */
function requireOthersReady({ host: { name } }: HostRun, run: Run, nodes: Nodes): void {
  const away = serversOf(run)
    .map((one) => one.host.name)
    .filter((other) => other !== name && nodes.get(other)?.isReady === false);
  if (away.length === 0) return;
  throw new ProvisionError(
    `${name} is not rebooted while ${away.join(', ')} of k3s is not Ready: with two servers away there is no majority. Mend that one, then run the same command again.`,
  );
}

async function rebootAgent(host: HostRun, run: Run, how: PodlessReboot): Promise<void> {
  const found = await findServer(run);
  if ('why' in found) {
    throw new ProvisionError(
      `${host.host.name} is not rebooted: no server of k3s answers (${found.why}), so its pods cannot be moved away. Mend one first, then run the same command again.`,
    );
  }
  try {
    await inAndOut(host, run, { ...how, ...found });
  } finally {
    await found.opened?.close();
  }
}

type Found = { readonly api: HostRun; readonly nodes: Nodes; readonly opened?: Connection };

/** The first server of the inventory that answers. One outside --limit is logged in to for that. */
async function findServer(run: Run): Promise<Found | { readonly why: string }> {
  let why = 'the inventory has none';
  for (const server of serversOf(run)) {
    let opened: Connection | undefined;
    try {
      const connection = server.connection ?? (opened = await run.connect(server.host));
      const nodes = await new NodeWatch(connection, run.signal).nodes();
      return { api: { ...server, connection }, nodes, ...(opened === undefined ? {} : { opened }) };
    } catch (error) {
      await opened?.close();
      run.signal.throwIfAborted();
      why = error instanceof Error ? error.message : String(error);
    }
  }
  return { why };
}

/** `api` is the server that is asked, before and after. */
async function inAndOut(
  host: HostRun,
  run: Run,
  { isDrained, reboot, api, nodes }: PodlessReboot & { readonly api: HostRun; readonly nodes: Nodes },
): Promise<void> {
  const { name } = host.host;
  const node = nodes.get(name);
  // The pods of a node that is not Ready have been moved, or cannot be.
  const isOurs = (node?.isReady === true && (await movePodsAway(host, run, { api, node }))) || isDrained;
  await reboot();
  if (node?.isReady !== true && !isDrained) return;
  const boot = 'cat /proc/sys/kernel/random/boot_id';
  const bootId = (await runScript(connectionOf(host), boot, { label: 'look at the new boot', signal: run.signal })).trim();
  await new NodeWatch(connectionOf(api), run.signal).until({ name, bootId, seconds: waitSeconds(host.host) });
  if (isOurs) await takePodsAgain(host, run, api);
}
