import type { HostRun, Run } from '../engine/phase.ts';

/** The port of the registry. */
export const registryPort = 5000;

/** The host of a run that has the registry; undefined without one. */
export const registryHostOf = ({ hosts }: Run): HostRun | undefined => hosts.find(({ host }) => host.roles.includes('registry'));

/** Address and port of the registry; undefined without one, or while its host's address is not known. */
export function registryEndpoint(run: Run): string | undefined {
  const address = registryHostOf(run)?.address;
  return address === undefined ? undefined : `${address.includes(':') ? `[${address}]` : address}:${registryPort}`;
}
