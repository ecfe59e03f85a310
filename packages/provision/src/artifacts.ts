import { architectures } from './host/preflight.ts';
import type { HostFacts } from './host/host-facts.ts';
import { ProvisionError } from './provision-error.ts';

/** A tarball to be unpacked on hosts. */
export type Artifact = { readonly path: string; readonly sha256: string; readonly version: string };

/** What there is to install, by architecture. */
export type Artifacts = {
  readonly server: Readonly<Partial<Record<'x64' | 'arm64', Artifact>>>;
  readonly agent: Readonly<Partial<Record<'x64' | 'arm64', Artifact>>>;
};

/** The artifact for a host. @throws ProvisionError when there is none for its architecture */
export function artifactFor(kind: keyof Artifacts, artifacts: Artifacts, facts: HostFacts): Artifact {
  const architecture = architectures[facts.architecture];
  const artifact = architecture === undefined ? undefined : artifacts[kind][architecture];
  if (artifact !== undefined) return artifact;
  throw new ProvisionError(
    `There is no ${kind} to install for ${facts.architecture} here. Run this on a machine that has one, or install the package of that architecture.`,
  );
}
