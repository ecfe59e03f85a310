import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { runScript } from '../host/run-script.ts';
import { explainApt } from '../packages/explain-apt.ts';
import { installPackagesScript } from '../packages/install-packages.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';

/** What `installHere` does, in words. */
export function installText(host: ClusterHost, names: readonly string[]): string {
  const folder = packageFolder(host);
  return `install ${names.join(', ')}${folder === undefined ? '' : ` from ${folder}`}`;
}

/**
 * Installs packages from `muster_packages` or the host's own sources; what comes is noted for a reset. `replaced`: packages of the host that
 * may go for them, and that a reset brings back.
 */
export async function installHere(host: HostRun, run: Run, names: readonly string[], replaced: readonly string[] = []): Promise<void> {
  const connection = connectionOf(host);
  const folder = packageFolder(host.host);
  if (folder !== undefined) await uploadPackages(connection, await packagesFor(folder, factsOf(host)), run.signal);
  const script = installPackagesScript(names, folder !== undefined, replaced);
  const options = { label: `install ${names.join(', ')}`, sudo: true, signal: run.signal, timeoutSeconds: 1800 };
  await runScript(connection, script, options).catch(explainApt);
}
