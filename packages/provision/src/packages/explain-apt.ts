import { ProvisionError } from '../provision-error.ts';

/** What apt and dpkg say (in the C locale), and what to do about it; most telling first. */
const known: readonly (readonly [RegExp, string])[] = [
  [
    /lock (?:was|is) (?:locked|held) by|could not get lock|unable to acquire the dpkg/iu,
    'Another program on the host installs packages and does not come to its end: wait for it or end it there, then run the same command again.',
  ],
  [
    /no space left on device|not have enough free space/iu,
    'Free space on the host, then run the same command again: it goes on from there.',
  ],
  [
    /failed to fetch|could not resolve|temporary failure resolving|unable to locate package|has no installation candidate/iu,
    'The package sources of the host do not answer, or lack the package: mend /etc/apt there, or name a folder of .deb files in muster_packages.',
  ],
];

/**
 * Throws what went wrong with an installation again, with what to do about it where apt's own words tell. Whatever else it is given it throws
 * as it is.
 */
export function explainApt(error: unknown): never {
  const advice = error instanceof ProvisionError ? known.find(([said]) => said.test(error.message))?.[1] : undefined;
  if (advice === undefined || !(error instanceof ProvisionError)) throw error;
  throw new ProvisionError(`${error.message}\n${advice}`, {
    cause: error,
    ...(error.command === undefined ? {} : { command: error.command }),
  });
}
