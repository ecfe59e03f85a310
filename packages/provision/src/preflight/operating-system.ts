import type { HostFacts } from '../host/host-facts.ts';
import { error, type Finding, warning } from './checks.ts';

/** A distribution that hosts may have, and the oldest version of it. */
type Supported = { readonly name: string; readonly oldest: readonly [number, number] };

const supported: Readonly<Record<string, Supported>> = {
  debian: { name: 'Debian', oldest: [11, 0] },
  ubuntu: { name: 'Ubuntu', oldest: [18, 4] },
  rocky: { name: 'Rocky Linux', oldest: [9, 0] },
  centos: { name: 'CentOS Stream', oldest: [9, 0] },
};
const list = 'Debian 11, Ubuntu 18.04, Rocky Linux 9, CentOS Stream 9 or newer';

/** What is wrong with the operating system of a host. Pure. */
export function systemFindings({ osId, osVersion, osName }: HostFacts): Finding[] {
  const known = supported[osId];
  const shown = osName === '' ? 'not named in /etc/os-release' : osName;
  if (known === undefined) return [warning('os', `its system is ${shown}, which is not supported: ${list} are`)];
  const [major = Number.NaN, minor = 0] = osVersion.split('.').map(Number);
  // Testing and unstable have no number, and are newer than all that have.
  if (Number.isNaN(major) || osVersion === '') return [];
  const isOld = major < known.oldest[0] || (major === known.oldest[0] && minor < known.oldest[1]);
  return isOld ? [error('os', `its system is ${shown}, too old for the runtime that is shipped: ${list}`)] : [];
}
