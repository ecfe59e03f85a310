import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** A member of [registry] has the registry, unless it says `install_registry=no`. Pure. @throws ProvisionError for neither yes nor no */
export const registryRole = (host: ClusterHost): 'registry'[] =>
  host.groups.includes('registry') && flagVariable(host, 'install_registry', true) ? ['registry'] : [];

/** One registry serves a cluster. @throws ProvisionError with the way out */
export function requireOneRegistry(hosts: readonly ClusterHost[]): void {
  const names = hosts.filter(({ roles }) => roles.includes('registry')).map(({ name }) => name);
  if (names.length <= 1) return;
  throw new ProvisionError(
    `The group [registry] has ${names.length} hosts (${names.join(', ')}). One registry serves a cluster: leave one there, or set install_registry=no for the others.`,
  );
}
