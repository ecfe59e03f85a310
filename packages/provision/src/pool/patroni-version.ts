import { ProvisionError } from '../provision-error.ts';

/** The oldest Patroni that a pool takes. */
const oldest = [4, 0, 7] as const;
const oldestText = oldest.join('.');

/** What must be said of a version of Patroni that is installed, or would be; undefined for one that is good. Pure. */
export function patroniFault(version: string): string | undefined {
  const numbers = /^(?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/u
    .exec(version)
    ?.slice(1)
    .map((one) => Number(one ?? 0));
  if (numbers === undefined) return `Patroni "${version}" has a version that is not understood; ${oldestText} or newer is needed.`;
  const difference = oldest.map((wanted, index) => (numbers[index] ?? 0) - wanted).find((one) => one !== 0) ?? 0;
  if (difference >= 0) return undefined;
  return (
    `Patroni ${version} is too old: with etcd, a primary that was cut off comes back and takes the lead without asking (3.0.2 was seen losing 237 of 661 ` +
    `acknowledged writes). ${oldestText} or newer is needed.`
  );
}

/**
 * @throws ProvisionError for a version that loses data, with the way to a newer one
 */
export function requirePatroni(version: string, where: string): void {
  const fault = patroniFault(version);
  if (fault === undefined) return;
  throw new ProvisionError(
    `${where}: ${fault} Put the package of Debian 13 (patroni, python3-ydiff; they run on Debian 12) with what it depends on into a folder and name it in muster_packages.`,
  );
}
