import type { ClusterHost } from '../host/cluster.ts';
import { rawVariable } from '../host/variables.ts';

/** The variables that say what a host should have, whatever else it is. */
const preparedVariables = ['host_packages', 'host_files', 'host_services', 'host_sysctls', 'host_modules'] as const;

/** A host that sets one of them is prepared, also where it is in no group of a role. */
export const preparedRole = (host: ClusterHost): 'prepared'[] =>
  preparedVariables.some((name) => (rawVariable(host, name) ?? '') !== '') ? ['prepared'] : [];
