import { EnvironmentPackage, type PackageListing } from '@muster/api';

const maxPackages = 5000;

/** What a node listed, as far as it is one: its text is hostile, and a listing that is none is as good as no listing. */
export function readListing(output: string): PackageListing | undefined {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, packages, truncated, lock } = value as Partial<Record<keyof PackageListing, unknown>>;
  if (typeof version !== 'number' || typeof lock !== 'string' || !Array.isArray(packages) || packages.length > maxPackages)
    return undefined;
  const read = packages.map((one) => EnvironmentPackage.safeParse(one));
  if (read.some((one) => !one.success)) return undefined;
  return { version, lock, truncated: truncated === true, packages: read.flatMap((one) => (one.success ? [one.data] : [])) };
}
