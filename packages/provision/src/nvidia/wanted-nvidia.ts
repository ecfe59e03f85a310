import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable, listVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** What an inventory asks of a host with NVIDIA cards. */
export type WantedNvidia = {
  /** Whether the driver is Muster's to install: `install_nvidia_driver`. */
  readonly isDriverWanted: boolean;
  readonly isHardwareChecked: boolean;
  readonly mayReboot: boolean;
  /** Asked for, or undefined: then it is installed where there is a source for it. */
  readonly toolkit: boolean | undefined;
};

/** Whether a host has NVIDIA cards, by the inventory. Default: no. @throws ProvisionError for a `has_gpu` that is neither yes nor no */
export const hasGpu = (host: ClusterHost): boolean => flagVariable(host, 'has_gpu', false);

/** Reads the variables. @throws ProvisionError for a word that is neither yes nor no */
export const wantedNvidia = (host: ClusterHost): WantedNvidia => ({
  isDriverWanted: flagVariable(host, 'install_nvidia_driver', true),
  isHardwareChecked: flagVariable(host, 'nvidia_check_hardware', true),
  mayReboot: flagVariable(host, 'nvidia_reboot', true),
  toolkit: textVariable(host, 'nvidia_container_toolkit') === undefined ? undefined : flagVariable(host, 'nvidia_container_toolkit', false),
});

export const toolkitPackage = 'nvidia-container-toolkit';

/** The branch of the driver that Ubuntu's packages are named by. */
const usualBranch = '535';

/**
 * The driver's packages: `nvidia_packages`, else what the distribution calls them. Pure.
 * @throws ProvisionError for a distribution whose names are not known
 */
export function driverPackages(host: ClusterHost, { osId, kernel }: { readonly osId: string; readonly kernel: string }): readonly string[] {
  const given = listVariable(host, 'nvidia_packages');
  if (given !== undefined) return requireNames(host, given);
  const branch = textVariable(host, 'nvidia_driver_branch') ?? usualBranch;
  if (!/^\d{3,4}$/u.test(branch))
    throw new ProvisionError(`${host.name}: nvidia_driver_branch is "${branch}": write a number such as ${usualBranch}.`);
  if (osId === 'debian') return [`linux-headers-${kernel}`, 'nvidia-driver', 'nvidia-smi', 'nvidia-persistenced'];
  if (osId === 'ubuntu') return [`linux-headers-${kernel}`, `nvidia-headless-${branch}-server`, `nvidia-utils-${branch}-server`];
  throw new ProvisionError(
    `${host.name}: it is not known what the packages of the NVIDIA driver are called on ${osId === '' ? 'this system' : osId}. Name them in nvidia_packages, or set install_nvidia_driver=no.`,
  );
}

function requireNames(host: ClusterHost, names: readonly string[]): readonly string[] {
  const odd = names.find((name) => !/^[a-z0-9][a-z0-9+.-]*$/u.test(name));
  if (odd === undefined && names.length > 0) return names;
  throw new ProvisionError(
    `${host.name}: nvidia_packages ${odd === undefined ? 'is empty' : `has "${odd}", which is no name of a package`}.`,
  );
}
