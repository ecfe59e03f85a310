import { createHash } from 'node:crypto';
import type { HostRun, Run } from '../engine/phase.ts';
import { flagVariable } from '../host/variables.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { registryEndpoint, registryHostOf } from '../registry/endpoint.ts';
import { ProvisionError } from '../provision-error.ts';
import { type K3sMachine, registriesFile, registriesPath } from './files.ts';
import type { K3sSeen } from './look.ts';
import { clusterAddressOf } from './settings.ts';

/** A host as its configuration of k3s describes it. @throws ProvisionError */
export function machineOf(host: HostRun): K3sMachine {
  const address = clusterAddressOf(host);
  return {
    name: host.host.name,
    address,
    interface: host.facts?.addresses.find((one) => one.address === address)?.interface,
    hasGpu: flagVariable(host.host, 'has_gpu', false),
  };
}

/**
 * Where the machine looks for images; none without a registry. While the registry's host cannot be reached and its address is not known, a
 * machine that has been told before keeps what it has.
 * @throws ProvisionError for one that has not: it would have neither the registry nor the images that go there
 */
export function registriesOf(host: HostRun, run: Run, seen: Pick<K3sSeen, 'hashes'>): ManagedFile[] {
  const registry = registryHostOf(run);
  if (registry === undefined) return [];
  const endpoint = registryEndpoint(run);
  if (endpoint !== undefined) return [registriesFile(endpoint)];
  if ((seen.hashes.get(registriesPath) ?? 'none') !== 'none') return [];
  throw new ProvisionError(
    `${host.host.name} is to take its images from the registry on ${registry.host.name}, whose address is not known: that host could not be looked at. Mend it first, or set install_registry=no for it.`,
  );
}

/** SHA-256 of the secret in a token, with or without the hash of the authority before it. */
export const secretHashOf = (token: string): string => sha256(token.replace(/^K10.*::[^:]*:/u, ''));

/** SHA-256 of a token. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
