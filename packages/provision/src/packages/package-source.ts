import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '@muster/ssh';
import type { ClusterHost } from '../host/cluster.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { runScript } from '../host/run-script.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** Where packages of a folder wait on a host while they are installed. */
export const packageCache = '/var/cache/muster/packages';

/** The folder on this machine whose packages are installed instead of the distribution's: `muster_packages`; undefined without it. */
export const packageFolder = (host: ClusterHost): string | undefined => textVariable(host, 'muster_packages');

const debianArchitectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

/**
 * The Debian packages of a folder that fit a host: of its architecture, or of all.
 * @throws ProvisionError when the folder cannot be read or has none
 */
export async function packagesFor(folder: string, facts: HostFacts): Promise<string[]> {
  const architecture = debianArchitectures[facts.architecture] ?? facts.architecture;
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ProvisionError(`The folder of packages ${folder} (muster_packages) cannot be read: ${String(error)}`);
  });
  const fitting = names.filter((name) => name.endsWith(`_${architecture}.deb`) || name.endsWith('_all.deb')).toSorted();
  if (fitting.length > 0) return fitting.map((name) => join(folder, name));
  throw new ProvisionError(
    `The folder ${folder} (muster_packages) has no package for ${architecture}. It must hold .deb files, also of what they depend on.`,
  );
}

/** Brings packages to where the installation looks for them; what is there already is not sent again. */
export async function uploadPackages(connection: Connection, paths: readonly string[], signal: AbortSignal): Promise<void> {
  const make = `umask 022; mkdir -p ${packageCache}`;
  await runScript(connection, make, { label: `make ${packageCache}`, sudo: true, signal });
  for (const path of paths) {
    const name = path.split('/').at(-1) ?? path;
    // What a mirror writes for an epoch is no character of a file name that every tool takes.
    const remote = `${packageCache}/${name.replaceAll('%3a', '-')}`;
    await connection.upload(path, remote, { mode: 0o644, owner: 'root:root', sudo: true, signal });
  }
}
