import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { drainNode, labelNode, uncordonNode } from './cluster-work.ts';
import type { K3sPlan } from './decide.ts';
import { gpuLabel, type K3sKind } from './files.ts';
import { bringImages, prepare, putInUse, stageBinary, start, writeFiles } from './install.ts';
import { machineOf } from './machine.ts';
import { NodeWatch } from './node-watch.ts';
import { waitSeconds } from './settings.ts';
import { sharedOf } from './shared-token.ts';
import { k3sVersion } from './versions.ts';

/** How a machine is brought to what was planned for it. */
export type Installing = {
  readonly kind: K3sKind;
  readonly plan: K3sPlan;
  /** The server whose API is asked. */
  readonly api: HostRun;
  readonly takeToken: () => Promise<void>;
  /** Whether its pods move away before its version changes. */
  readonly drains: boolean;
};

/**
 * Brings one machine to its plan, and waits until it is Ready. Everything that may refuse or take long comes before anything in use is
 * touched. May be repeated after a failure anywhere: the pending restart is noted before the first change.
 */
export async function installOn(host: HostRun, run: Run, how: Installing): Promise<void> {
  const { plan, kind, api } = how;
  const { name } = host.host;
  const installed = host.k3s?.version ?? '';
  const isUpgrade = plan.binary !== undefined && (await stageBinary(host, run, { binary: plan.binary, installed })).kind === 'upgrade';
  const wasCordoned = await drainBefore(host, run, { ...how, drains: how.drains && isUpgrade && host.k3s?.service.active === true });
  if (plan.changes.length > 0) await prepare(host, run, kind);
  await bringImages(host, run, { wanted: plan.images, obsolete: plan.obsolete });
  await writeFiles(connectionOf(host), plan.files, run.signal);
  if (plan.takesToken) await how.takeToken();
  if (plan.binary !== undefined) await putInUse(host, run, plan.binary);
  if (plan.starts) await start(host, run, kind);
  await waitUntilReady(host, run, { api, version: isUpgrade ? await versionOn(host, run) : undefined });
  if (machineOf(host).hasGpu) await labelNode(api, run, { name, label: `${gpuLabel}=true` });
  if (wasCordoned === false) await uncordonNode(api, run, name);
}

/** Whether the node was cordoned before; undefined where it is not drained at all. */
async function drainBefore(host: HostRun, run: Run, { api, drains }: Installing): Promise<boolean | undefined> {
  if (!drains) return undefined;
  const { name } = host.host;
  const wasCordoned = (await watchOf(api, run).nodes()).get(name)?.isCordoned === true;
  await drainNode(api, run, name);
  return wasCordoned;
}

async function waitUntilReady(host: HostRun, run: Run, { api, version }: { api: HostRun; version: string | undefined }): Promise<void> {
  await watchOf(api, run).until({ name: host.host.name, version, seconds: waitSeconds(host.host) });
}

/** One watch for all who wait in this run. */
function watchOf(api: HostRun, run: Run): NodeWatch {
  const shared = sharedOf(run);
  return (shared.watch ??= new NodeWatch(connectionOf(api), run.signal));
}

async function versionOn(host: HostRun, run: Run): Promise<string | undefined> {
  const { stdout } = await connectionOf(host).exec('timeout 60 /usr/local/bin/k3s --version | head -n 1', {
    label: 'ask k3s for its version',
    sudo: true,
    signal: run.signal,
    timeoutSeconds: 120,
  });
  return k3sVersion(stdout);
}
