import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';
import { ProvisionError } from '../provision-error.ts';
import { actPrepared } from './act-prepared.ts';
import { observePrepared, readSeen } from './observe-prepared.ts';
import { planPrepared, preparedChanges, type PreparedPlan } from './plan-prepared.ts';
import type { Prepared } from './prepared.ts';

/** Packages, files, kernel modules and parameters, services: what the inventory says every host should have. */
export const preparePhase: Phase<PreparedPlan> = {
  name: 'prepare',
  concerns: ({ roles }) => roles.includes('prepared'),
  observe: look,
  plan: (plan, host) => preparedChanges(plan, packageFolder(host.host)),
  act: async (plan, host, run) => {
    const connection = connectionOf(host);
    const folder = packageFolder(host.host);
    if (folder !== undefined && plan.packages.length > 0)
      await uploadPackages(connection, await packagesFor(folder, factsOf(host)), run.signal);
    const { script, stdin } = actPrepared(plan, folder !== undefined);
    const label = 'prepare the host';
    await runScript(connection, script, { label, sudo: true, stdin, signal: run.signal, timeoutSeconds: 1800 });
  },
  verify: async (host, run) => {
    const left = preparedChanges(await look(host, run), undefined);
    if (left.length === 0) return;
    throw new ProvisionError(
      `${host.host.name} is not as it should be although all was done; there is still to do: ${left.map(({ what }) => what).join('; ')}. Does something else on the host change it back?`,
    );
  },
};

async function look(host: HostRun, run: Run): Promise<PreparedPlan> {
  const prepared = preparedOf(host, run);
  const output = await runScript(connectionOf(host), observePrepared(prepared), {
    label: 'look at what the host has',
    sudo: true,
    signal: run.signal,
    maxOutputBytes: 16 * 1024 * 1024,
  });
  return planPrepared(prepared, readSeen(output), host.host.name);
}

function preparedOf({ host }: HostRun, run: Run): Prepared {
  const prepared = run.prepared?.get(host.name);
  if (prepared !== undefined) return prepared;
  throw new ProvisionError(`What ${host.name} should have was not read.`);
}
