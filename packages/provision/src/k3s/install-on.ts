import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { labelNode } from './cluster-work.ts';
import type { K3sPlan } from './decide.ts';
import { gpuLabel, type K3sKind } from './files.ts';
import { bringImages, prepare, putInUse, stageBinary, start, writeFiles } from './install.ts';
import { machineOf } from './machine.ts';
import { movePodsAway, takePodsAgain } from './move-pods.ts';
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
  /** Throws where the machine may not get this version; asked before anything in use is touched. */
  readonly mayBecome?: (version: string) => Promise<void>;
};

/**
 * Brings one machine to its plan, and waits until it is Ready. Everything that may refuse or take long comes before anything in use is
 * touched. May be repeated after a failure anywhere: the pending restart is noted before the first change.
 */
export async function installOn(host: HostRun, run: Run, how: Installing): Promise<void> {
  const isUpgrade = await stage(host, run, how);
  const drains = how.drains && isUpgrade && host.k3s?.service.active === true;
  const isDrained = (drains && (await drain(host, run, how.api))) || host.k3s?.isDrained === true;
  await change(host, run, how);
  await waitUntilReady(host, run, { api: how.api, version: isUpgrade ? await versionOn(host, run) : undefined });
  const { name } = host.host;
  if (machineOf(host).hasGpu) await labelNode(how.api, run, { name, label: `${gpuLabel}=true` });
  if (isDrained) await takePodsAgain(host, run, how.api);
}

/** Whether the machine goes to another version. */
async function stage(host: HostRun, run: Run, { plan: { binary }, mayBecome }: Installing): Promise<boolean> {
  if (binary === undefined) return false;
  const verdict = await stageBinary(host, run, { binary, installed: host.k3s?.version ?? '' });
  if (verdict.kind !== 'same') await mayBecome?.(verdict.to);
  return verdict.kind === 'upgrade';
}

/** Everything that is changed on the machine itself. */
async function change(host: HostRun, run: Run, { kind, plan, takeToken }: Installing): Promise<void> {
  await prepare(host, run, { kind, starts: plan.starts });
  await bringImages(host, run, { wanted: plan.images, obsolete: plan.obsolete });
  await writeFiles(connectionOf(host), plan.files, run.signal);
  if (plan.takesToken) await takeToken();
  if (plan.binary !== undefined) await putInUse(host, run, plan.binary);
  if (plan.starts) await start(host, run, kind);
}

async function drain(host: HostRun, run: Run, api: HostRun): Promise<boolean> {
  const node = (await watchOf(api, run).nodes()).get(host.host.name);
  return await movePodsAway(host, run, { api, node });
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
