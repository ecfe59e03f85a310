import { createHash } from 'node:crypto';
import type { HostRun, Run } from '../engine/phase.ts';
import { flagVariable } from '../host/variables.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { registryEndpoint } from '../registry/endpoint.ts';
import { type K3sMachine, registriesFile } from './files.ts';
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

/** Where the machine looks for images; none without a registry, or while its host cannot be reached and its address is not known. */
export function registriesOf(run: Run): ManagedFile[] {
  const endpoint = registryEndpoint(run);
  return endpoint === undefined ? [] : [registriesFile(endpoint)];
}

/** SHA-256 of the secret in a token, with or without the hash of the authority before it. */
export const secretHashOf = (token: string): string => sha256(token.replace(/^K10.*::[^:]*:/u, ''));

/** SHA-256 of a token. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
