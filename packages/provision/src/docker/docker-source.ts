import type { ClusterHost } from '../host/cluster.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import { flagVariable, listVariable, textVariable } from '../host/variables.ts';
import { componentsFor, readSourceKey, requireSource, sourceFiles } from '../packages/apt-source.ts';
import { ProvisionError } from '../provision-error.ts';

/**
 * The source of `docker_repo`, whose suite is the name of the host's release; undefined without one.
 * @throws ProvisionError when nothing says why the mirror is to be believed
 */
export async function dockerSource(host: ClusterHost, codename: string): Promise<ManagedFile[] | undefined> {
  const uri = textVariable(host, 'docker_repo');
  if (uri === undefined) return undefined;
  const suites = [textVariable(host, 'docker_repo_suite') ?? codename];
  if (suites.includes(''))
    throw new ProvisionError(`${host.name} does not say the name of its release. Set docker_repo_suite, for example to bookworm.`);
  const components = componentsFor(suites, listVariable(host, 'docker_repo_components') ?? ['stable']);
  const entries = [{ uri, suites, components }];
  requireSource(host, 'docker_repo', { entries });
  const key = await readSourceKey(host, 'docker_repo_key', textVariable(host, 'docker_repo_key'));
  const isTrusted = flagVariable(host, 'docker_repo_trusted', false);
  if (key === undefined && !isTrusted) {
    throw new ProvisionError(
      `${host.name}: docker_repo needs docker_repo_key, a file on this machine with the key that signs ${uri}; or docker_repo_trusted=yes, where whoever can change the mirror may change the host.`,
    );
  }
  return sourceFiles({ name: 'docker', entries, key, isTrusted: isTrusted && key === undefined });
}
