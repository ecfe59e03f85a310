import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { fullTokenPath } from './files.ts';
import { sha256 } from './machine.ts';
import type { K3sShared } from './shared.ts';

/** What the servers' phase has found out. @throws ProvisionError when it has not been, or no server was left */
export function sharedOf(run: Run): K3sShared {
  if (run.k3s !== undefined) return run.k3s;
  throw new ProvisionError(
    'No server of k3s could be used, and nothing joins without one. Mend it first, then run the same command again.',
  );
}

/** The server through which others join. @throws ProvisionError when it has failed */
export function founderOf(run: Run): HostRun {
  const { founder } = sharedOf(run);
  const host = run.hosts.find((one) => one.host.name === founder);
  if (host?.connection !== undefined && host.failed !== true) return host;
  throw new ProvisionError(
    `The server ${founder} of k3s has failed, and nothing joins without it. Mend that host first, then run the same command again.`,
  );
}

/** Reads the token of the cluster on its server. */
export async function readToken(run: Run): Promise<string> {
  const shared = sharedOf(run);
  const script = `
i=0
until [ -s ${fullTokenPath} ]; do
  i=$((i + 1)); [ $i -lt 60 ] || exit 1
  sleep 1
done
tr -d '\\n' < ${fullTokenPath}
`;
  const options = { label: 'read the token of k3s', sudo: true, signal: run.signal };
  const token = await runScript(connectionOf(founderOf(run)), script, options);
  shared.token = token;
  shared.tokenHash = sha256(token);
  return token;
}

/** The token of the cluster, read once. */
export const tokenFor = async (run: Run): Promise<string> => sharedOf(run).token ?? (await readToken(run));
