import { connectionOf, factsOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { explainApt } from '../packages/explain-apt.ts';
import { installPackagesScript, missingPackagesScript } from '../packages/install-packages.ts';
import { packageFolder, packagesFor, uploadPackages } from '../packages/package-source.ts';
import { hardwareScript, readHardware } from './hardware.ts';
import { machineOf } from './shared-files.ts';
import { noFolder, sharedFolderOf } from './state-folder.ts';
import { lookForFolder } from './state-scripts.ts';

type Observed = { readonly missing: readonly string[] };

const daemons = { 'slurm-controller': 'slurmctld', 'slurm-node': 'slurmd' } as const;

/** The packages of Slurm and munge, from `muster_packages` or the host's own sources; then what the machine has. */
export const slurmPackagesPhase: Phase<Observed> = {
  name: 'slurm-packages',
  informs: true,
  concerns: ({ roles }) => roles.includes('slurm-controller') || roles.includes('slurm-node'),
  observe: async (host, run) => {
    machineOf(host);
    await requireFolder(host, run);
    const names = packagesOf(host);
    const output = await runScript(connectionOf(host), missingPackagesScript(names), {
      label: 'look for packages of Slurm',
      signal: run.signal,
    });
    const missing = names.filter((name) => output.split('\n').includes(`missing=${name}`));
    if (missing.length === 0) await lookAtHardware(host, run);
    return { missing };
  },
  plan: ({ missing }, host) => {
    const folder = packageFolder(host.host);
    const from = folder === undefined ? '' : ` from ${folder}`;
    return missing.length === 0 ? [] : [{ what: `install ${missing.join(', ')}${from}` }];
  },
  act: async ({ missing }, host, run) => {
    const connection = connectionOf(host);
    const folder = packageFolder(host.host);
    if (folder !== undefined) await uploadPackages(connection, await packagesFor(folder, factsOf(host)), run.signal);
    await runScript(connection, installPackagesScript(missing, folder !== undefined), {
      label: `install ${missing.join(', ')}`,
      sudo: true,
      signal: run.signal,
      timeoutSeconds: 1800,
    }).catch(explainApt);
  },
  verify: lookAtHardware,
};

/** A folder that is not there is told before anything is installed. @throws ProvisionError */
async function requireFolder(host: HostRun, run: Run): Promise<void> {
  const folder = host.host.roles.includes('slurm-controller') ? sharedFolderOf(host.host) : undefined;
  if (folder === undefined) return;
  const options = { label: 'look for the folder of the state', sudo: true, signal: run.signal };
  const output = await runScript(connectionOf(host), lookForFolder(folder), options);
  if (!output.includes('there=yes')) throw noFolder(host.host.name, folder);
}

const packagesOf = ({ host: { roles } }: HostRun): string[] => [
  'munge',
  'slurm-client',
  ...(['slurm-controller', 'slurm-node'] as const).filter((role) => roles.includes(role)).map((role) => daemons[role]),
];

async function lookAtHardware(host: HostRun, run: Run): Promise<void> {
  if (!host.host.roles.includes('slurm-node')) return;
  host.slurm = readHardware(await runScript(connectionOf(host), hardwareScript, { label: 'look at the hardware', signal: run.signal }));
}
